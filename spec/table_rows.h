/*
 * Reads a table of properties as the rows of its struct tables. In the one .c file that defines
 * them, after names.h and the header that has the structures (and with blank lines between, or
 * clang-format sorts them):
 *
 *	#include "spec/table_rows.h"
 *
 *	#include "spec/config.def"
 *
 *	#include "spec/table_undef.h"
 */
#define OBJECT(type) static const struct field spec_##type##_fields[] = {
#define BOOLEAN(type, member, key, need) ROW_(BOOLEAN, type, member, key, need)
#define INTEGER(type, member, key, need, low_, high_) \
	ROW_(INTEGER, type, member, key, need, .low = low_, .high = high_)
#define UNSIGNED(type, member, key, need, low_, high_) \
	ROW_(UNSIGNED, type, member, key, need, .ulow = low_, .uhigh = high_)
#define STRING(type, member, key, need) ROW_(STRING, type, member, key, need)
#define WORD(type, member, key, need, set) \
	ROW_(WORD, type, member, key, need, .words = &names_##set)
#define CHILD(type, member, key, need, child_) \
	ROW_(CHILD, type, member, key, need, .child = &spec_##child_##_table)
#define STRINGS(type, member, key, need) ROW_(STRINGS, type, member, key, need)
#define UNSIGNEDS(type, member, key, need, low_, high_) \
	ROW_(UNSIGNEDS, type, member, key, need, .ulow = low_, .uhigh = high_)
#define WORDS(type, member, key, need, set) \
	ROW_(WORDS, type, member, key, need, .words = &names_##set)
#define CHILDREN(type, member, key, need, child_) \
	ROW_(CHILDREN, type, member, key, need, .child = &spec_##child_##_table)
#define STRINGMAP(type, member, key, need) ROW_(STRINGMAP, type, member, key, need)
#define CHILDMAP(type, member, key, need, child_) \
	ROW_(CHILDMAP, type, member, key, need, .child = &spec_##child_##_table)

/* An entry of a map is its key, then at once the structure: the engine counts on it. */
#define END(type) \
	} \
	; \
	_Static_assert(sizeof(spec_##type##_fields) / sizeof(struct field) <= TABLE_FIELDS_MAX, \
		#type " has too many members"); \
	_Static_assert(sizeof(struct spec_##type##_entry) == \
			sizeof(const char *) + sizeof(struct spec_##type), \
		#type " cannot be the child of a map"); \
	const struct table spec_##type##_table = { \
		.name = #type, \
		.size = sizeof(struct spec_##type), \
		.count = sizeof(spec_##type##_fields) / sizeof(struct field), \
		.fields = spec_##type##_fields, \
	};

#undef ROW_
#define ROW_(kind_, type, member, key_, need_, ...) \
	{.key = key_, \
		.kind = FIELD_##kind_, \
		.need = need_, \
		.length = sizeof(key_) - 1, \
		.offset = offsetof(struct spec_##type, member), \
		__VA_ARGS__},

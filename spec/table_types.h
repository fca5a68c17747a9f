/*
 * Reads a table of properties (config.def, record.def) as structures; include the table next, then
 * table_undef.h. Each structure begins with a byte that means the object itself: without it an
 * object and its first member would have the same address, and a JSON pointer could not tell them
 * apart (table_pointer).
 */
#define OBJECT(type) \
	struct spec_##type; \
	struct spec_##type##_list { \
		uint32_t count; \
		bool given; \
		struct spec_##type *items; \
	}; \
	struct spec_##type##_entry; \
	struct spec_##type##_map { \
		uint32_t count; \
		bool given; \
		struct spec_##type##_entry *items; \
	}; \
	struct spec_##type { \
		char itself_;
#define BOOLEAN(type, member, key, need) struct maybe_bool member;
#define INTEGER(type, member, key, need, low, high) struct maybe_int member;
#define UNSIGNED(type, member, key, need, low, high) struct maybe_uint member;
#define STRING(type, member, key, need) const char *member;
#define WORD(type, member, key, need, set) struct maybe_int member;
#define CHILD(type, member, key, need, child) struct spec_##child *member;
#define STRINGS(type, member, key, need) struct string_list member;
#define UNSIGNEDS(type, member, key, need, low, high) struct uint_list member;
#define WORDS(type, member, key, need, set) struct int_list member;
#define CHILDREN(type, member, key, need, child) struct spec_##child##_list member;
#define STRINGMAP(type, member, key, need) struct string_map member;
#define CHILDMAP(type, member, key, need, child) struct spec_##child##_map member;
#define END(type) \
	} \
	; \
	struct spec_##type##_entry { \
		const char *key; \
		struct spec_##type value; \
	};

/*
 * Structures as trees. A pointer into the document is found only when something has to be said
 * about it, so it costs a walk then and nothing before: no structure carries its own name.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "spec/json.h"
#include "spec/table.h"

bool table_absent(const struct field *field, const void *structure)
{
	const char *member = (const char *)structure + field->offset;

	switch (field->kind) {
	case FIELD_BOOLEAN:
		return !((const struct maybe_bool *)member)->given;
	case FIELD_INTEGER:
	case FIELD_WORD:
		return !((const struct maybe_int *)member)->given;
	case FIELD_UNSIGNED:
		return !((const struct maybe_uint *)member)->given;
	case FIELD_STRING:
	case FIELD_CHILD:
		return *(void *const *)member == NULL;
	default:
		return !((const struct any_list *)member)->given &&
			((const struct any_list *)member)->count == 0;
	}
}

static size_t member_size(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BOOLEAN:
		return sizeof(struct maybe_bool);
	case FIELD_INTEGER:
	case FIELD_WORD:
		return sizeof(struct maybe_int);
	case FIELD_UNSIGNED:
		return sizeof(struct maybe_uint);
	case FIELD_STRING:
	case FIELD_CHILD:
		return sizeof(void *);
	default:
		return sizeof(struct any_list);
	}
}

/* Lists, maps and children as one: the structures that hang on a member. */
struct children {
	uint32_t count;
	size_t stride; /* from one to the next */
	const char *first;
};

static struct children children_of(const struct field *field, const void *structure)
{
	const char *member = (const char *)structure + field->offset;
	const struct any_list *list = (const struct any_list *)member;

	switch (field->kind) {
	case FIELD_CHILD:
		return (struct children){
			.count = *(void *const *)member != NULL,
			.first = *(const char *const *)member,
		};
	case FIELD_CHILDREN:
		return (struct children){list->count, field->child->size, list->items};
	case FIELD_CHILDMAP:
		return (struct children){list->count, sizeof(const char *) + field->child->size,
			list->count > 0 ? list->items + sizeof(const char *) : NULL};
	default:
		return (struct children){0};
	}
}

int table_each(const struct table *table, const void *structure,
	int (*visit)(void *context, const struct table *table, const void *structure),
	void *context)
{
	int status = visit(context, table, structure);

	for (uint32_t i = 0; status == 0 && i < table->count; i++) {
		struct children children = children_of(&table->fields[i], structure);

		for (uint32_t j = 0; status == 0 && j < children.count; j++)
			status = table_each(table->fields[i].child,
				children.first + j * children.stride, visit, context);
	}
	return status;
}

/* A search: the pointer grows as it goes down, and shrinks again where there was nothing. */
struct search {
	const char *address;
	char *buffer;
	size_t size;
	size_t used;
};

static bool is_inside(const struct search *search, const void *begin, size_t size)
{
	return search->address >= (const char *)begin &&
		search->address < (const char *)begin + size;
}

/* Appends the name of entry i: its number, or its key in a map. */
static void entry_name(struct search *search, const struct field *field,
	const struct any_list *list, size_t stride, uint32_t i)
{
	bool map = field->kind == FIELD_STRINGMAP || field->kind == FIELD_CHILDMAP;
	const char *name;
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", i);
	name = map ? *(const char *const *)(list->items + i * stride) : digits;
	json_path_add(search->buffer, search->size, &search->used, name, strlen(name));
}

/* Lists and maps of scalars: the address itself tells the entry. */
static bool find_entry(
	struct search *search, const struct field *field, const struct any_list *list)
{
	size_t stride = field->kind == FIELD_STRINGMAP ? sizeof(struct string_pair)
		: field->kind == FIELD_STRINGS         ? sizeof(const char *)
						       : sizeof(uint64_t);

	if (list->count == 0 || !is_inside(search, list->items, list->count * stride))
		return false;
	entry_name(search, field, list, stride,
		(uint32_t)((size_t)(search->address - list->items) / stride));
	return true;
}

static bool find_object(struct search *search, const struct table *table, const char *structure);

static bool find_children(struct search *search, const struct field *field, const char *structure)
{
	struct children children = children_of(field, structure);
	const struct any_list *list = (const struct any_list *)(structure + field->offset);
	size_t used = search->used;

	for (uint32_t i = 0; i < children.count; i++) {
		const char *child = children.first + i * children.stride;

		if (field->kind != FIELD_CHILD)
			entry_name(search, field, list, children.stride, i);
		if (field->kind == FIELD_CHILDMAP &&
			is_inside(search, child - sizeof(const char *), sizeof(const char *)))
			return true;
		if (find_object(search, field->child, child))
			return true;
		json_path_back(search->buffer, search->size, &search->used, used);
	}
	return false;
}

static bool find_member(struct search *search, const struct field *field, const char *structure)
{
	const char *member = structure + field->offset;

	if (is_inside(search, member, member_size(field)))
		return true;
	switch (field->kind) {
	case FIELD_CHILD:
	case FIELD_CHILDREN:
	case FIELD_CHILDMAP:
		return find_children(search, field, structure);
	case FIELD_STRINGS:
	case FIELD_UNSIGNEDS:
	case FIELD_WORDS:
	case FIELD_STRINGMAP:
		return find_entry(search, field, (const struct any_list *)member);
	default:
		return false;
	}
}

static bool find_object(struct search *search, const struct table *table, const char *structure)
{
	size_t used = search->used;

	if (search->address == structure)
		return true;
	for (uint32_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		json_path_add(
			search->buffer, search->size, &search->used, field->key, field->length);
		if (find_member(search, field, structure))
			return true;
		json_path_back(search->buffer, search->size, &search->used, used);
	}
	return false;
}

int table_pointer(const struct table *table, const void *structure, const void *address,
	char *buffer, size_t size)
{
	struct search search = {.address = address, .buffer = buffer, .size = size};

	buffer[0] = '\0';
	return address != NULL && find_object(&search, table, structure) ? 0 : -ENOENT;
}

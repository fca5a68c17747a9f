/*
 * What table_encode has written comes back by the thousand when containers are listed, and a
 * general parser takes longer for it than the kernel for everything else. It has one form: the
 * members in the order of the rows, no space between them, no escape where none is needed. So it is
 * read by walking the rows along the bytes, and at the first byte that is not where it should be
 * nothing is claimed: the general decoder takes over and finds the words for it.
 */
#include <stdint.h>
#include <string.h>

#include "spec/arena.h"
#include "spec/table.h"

#define ENTRIES_MAX 64 /* of a list or map; a key is compared with all before it */

struct cursor {
	const char *at;
	const char *end;
	struct arena *arena;
};

static bool cursor_take(struct cursor *cursor, char byte)
{
	if (cursor->at == cursor->end || *cursor->at != byte)
		return false;
	cursor->at++;
	return true;
}

static bool cursor_take_word(struct cursor *cursor, const char *word, size_t length)
{
	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

/* True when none of eight bytes is a quote, a backslash, below a space or above 127. */
static bool eight_are_plain(const char *bytes)
{
	const uint64_t each = 0x0101010101010101ULL;
	uint64_t eight, odd;

	memcpy(&eight, bytes, sizeof(eight));
	odd = eight | (eight - each * ' ') | ((eight ^ each * '"') - each) |
		((eight ^ each * '\\') - each);
	return (odd & each << 7) == 0; /* what borrows sets the highest bit of its byte */
}

/* A string of printable ASCII without escapes: everything else is for the general decoder. */
static const char *string_take(struct cursor *cursor, size_t *length)
{
	const char *begin = cursor->at + 1;
	const char *at = begin;

	if (!cursor_take(cursor, '"'))
		return NULL;
	while (cursor->end - at >= 8 && eight_are_plain(at))
		at += 8;
	while (at < cursor->end && *at != '"') {
		if (*at < ' ' || *at == '\\') /* char is signed: bytes above 127, too */
			return NULL;
		at++;
	}
	if (at == cursor->end)
		return NULL;
	cursor->at = at + 1;
	*length = (size_t)(at - begin);
	return begin;
}

static bool string_recall(struct cursor *cursor, unsigned int need, const char **string)
{
	size_t length;
	const char *text = string_take(cursor, &length);

	if (text == NULL || (need & BLANK_IS_ABSENT) || ((need & FILLED) && length == 0) ||
		((need & ABSOLUTE) && *text != '/'))
		return false;
	*string = arena_copy(cursor->arena, text, length);
	return *string != NULL;
}

static bool number_recall(struct cursor *cursor, uint64_t *number)
{
	const char *begin = cursor->at;

	for (*number = 0; cursor->at < cursor->end; cursor->at++) {
		unsigned int digit = (unsigned int)(*cursor->at - '0');

		if (digit > 9)
			break;
		if (__builtin_mul_overflow(*number, 10, number) ||
			__builtin_add_overflow(*number, (uint64_t)digit, number))
			return false;
	}
	/* a zero in front of others is no JSON */
	return cursor->at > begin && (*begin != '0' || cursor->at == begin + 1);
}

static bool integer_recall(struct cursor *cursor, const struct field *field, int64_t *number)
{
	bool negative = cursor_take(cursor, '-');
	uint64_t magnitude;

	if (!number_recall(cursor, &magnitude) || magnitude > INT64_MAX)
		return false;
	*number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return *number >= field->low && *number <= field->high;
}

static bool boolean_recall(struct cursor *cursor, bool *value)
{
	*value = cursor_take_word(cursor, "true", 4);
	return *value || cursor_take_word(cursor, "false", 5);
}

static bool object_recall(struct cursor *cursor, const struct table *table, char *structure);

static bool key_is_new(const struct any_list *map, size_t size)
{
	const char *key = *(const char **)(map->items + (map->count - 1) * size);

	for (uint32_t i = 0; i + 1 < map->count; i++)
		if (strcmp(*(const char **)(map->items + i * size), key) == 0)
			return false;
	return true;
}

static bool entry_recall(
	struct cursor *cursor, const struct field *field, struct any_list *list, size_t size)
{
	char *entry = list->items + list->count++ * size;

	if (field->kind == FIELD_CHILDREN)
		return object_recall(cursor, field->child, entry);
	if (!string_recall(
		    cursor, field->kind == FIELD_STRINGS ? field->need : 0, (const char **)entry))
		return false;
	if (field->kind == FIELD_STRINGS)
		return true;
	return key_is_new(list, size) && cursor_take(cursor, ':') &&
		string_recall(cursor, field->need, &((struct string_pair *)entry)->value);
}

/* Twice the room, up to ENTRIES_MAX. */
static bool list_grow(struct cursor *cursor, struct any_list *list, uint32_t *room, size_t size)
{
	uint32_t larger = *room > 0 ? *room * 2 : 8;
	char *items = larger <= ENTRIES_MAX ? arena_alloc(cursor->arena, larger * size) : NULL;

	if (items == NULL)
		return false;
	if (list->count > 0)
		memcpy(items, list->items, list->count * size);
	list->items = items;
	*room = larger;
	return true;
}

static bool list_recall(struct cursor *cursor, const struct field *field, struct any_list *list)
{
	bool map = field->kind == FIELD_STRINGMAP;
	size_t size = map                       ? sizeof(struct string_pair)
		: field->kind == FIELD_CHILDREN ? field->child->size
						: sizeof(const char *);
	uint32_t room = 0;

	if (!cursor_take(cursor, map ? '{' : '['))
		return false;
	list->given = true;
	if (cursor_take(cursor, map ? '}' : ']'))
		return !(field->need & ENTRIES);
	do {
		if (list->count == room && !list_grow(cursor, list, &room, size))
			return false;
		if (!entry_recall(cursor, field, list, size))
			return false;
	} while (cursor_take(cursor, ','));
	return cursor_take(cursor, map ? '}' : ']');
}

static bool member_recall(struct cursor *cursor, const struct field *field, char *member)
{
	struct maybe_int *integer = (struct maybe_int *)member;
	struct maybe_uint *number = (struct maybe_uint *)member;

	switch (field->kind) {
	case FIELD_BOOLEAN:
		((struct maybe_bool *)member)->given = true;
		return boolean_recall(cursor, &((struct maybe_bool *)member)->value);
	case FIELD_INTEGER:
		integer->given = true;
		return integer_recall(cursor, field, &integer->value);
	case FIELD_UNSIGNED:
		number->given = true;
		return number_recall(cursor, &number->value) && number->value >= field->ulow &&
			number->value <= field->uhigh;
	case FIELD_STRING:
		return string_recall(cursor, field->need, (const char **)member);
	case FIELD_STRINGS:
	case FIELD_CHILDREN:
	case FIELD_STRINGMAP:
		return list_recall(cursor, field, (struct any_list *)member);
	default:
		return false; /* none of our records has such a member */
	}
}

/* The key of a member and its colon. */
static bool key_take(struct cursor *cursor, const struct field *field)
{
	const char *after = cursor->at + field->length;

	if (cursor->end - cursor->at < (ptrdiff_t)field->length + 2 || after[0] != '"' ||
		after[1] != ':' || memcmp(cursor->at, field->key, field->length) != 0)
		return false;
	cursor->at = after + 2;
	return true;
}

static bool members_recall(struct cursor *cursor, const struct table *table, char *structure)
{
	const struct field *field = table->fields, *end = field + table->count;
	bool more = cursor_take(cursor, '"');

	for (; field < end; field++) {
		if (!more || !key_take(cursor, field)) {
			if (field->need & REQUIRED)
				return false;
			continue;
		}
		if (!member_recall(cursor, field, structure + field->offset))
			return false;
		more = cursor_take(cursor, ',');
		if (more && !cursor_take(cursor, '"'))
			return false;
	}
	return !more;
}

static bool object_recall(struct cursor *cursor, const struct table *table, char *structure)
{
	return cursor_take(cursor, '{') && members_recall(cursor, table, structure) &&
		cursor_take(cursor, '}');
}

bool table_recall(const struct table *table, void *structure, const char *bytes, size_t length,
	struct arena *arena)
{
	struct cursor cursor = {bytes, bytes + length, arena};

	memset(structure, 0, table->size);
	return object_recall(&cursor, table, structure) &&
		(cursor.at == cursor.end ||
			(cursor_take(&cursor, '\n') && cursor.at == cursor.end));
}

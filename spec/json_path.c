/*
 * A reader that knows where it is can point at what is wrong. It also has to know every name of the
 * objects that are open, because JSON leaves open what a name given twice means: Go keeps the last
 * one, others the first, and a checker and a runtime that differ are a hole. Small objects are
 * compared name by name; the names of large ones are sorted when the object ends, so that no input
 * costs more than n log n, whatever it hashes to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/json.h"

#define FEW 16 /* names that are compared one by one */

/* The bytes of "/name", escaped. */
static size_t part_length(const char *name, size_t length)
{
	size_t escapes = 0;

	for (size_t i = 0; i < length; i++)
		escapes += name[i] == '~' || name[i] == '/';
	return 1 + length + escapes;
}

void json_path_add(char *buffer, size_t size, size_t *used, const char *name, size_t length)
{
	size_t at = *used;

	if (at + part_length(name, length) >= size) {
		*used = size;
		return;
	}
	buffer[at++] = '/';
	for (size_t i = 0; i < length; i++) {
		bool escape = name[i] == '~' || name[i] == '/';

		if (escape)
			buffer[at++] = '~';
		buffer[at++] = name[i] == '~' ? '0' : escape ? '1' : name[i];
	}
	buffer[at] = '\0';
	*used = at;
}

void json_path_back(char *buffer, size_t size, size_t *used, size_t before)
{
	if (before < size)
		buffer[before] = '\0';
	*used = before;
}

size_t json_path(const struct json_reader *reader, char *buffer, size_t size)
{
	size_t used = 0;

	if (size > 0)
		buffer[0] = '\0';
	for (uint32_t i = 0; i < reader->depth && reader->levels[i].entered; i++) {
		const struct json_level *level = &reader->levels[i];
		char digits[16];

		if (level->array) {
			int count = snprintf(digits, sizeof(digits), "%u", level->index);

			json_path_add(buffer, size, &used, digits, (size_t)count);
		} else {
			json_path_add(buffer, size, &used, level->key, level->length);
		}
	}
	return used;
}

int json_path_value(struct json_reader *reader)
{
	struct json_level *level;

	reader->place = JSON_DONE;
	if (reader->depth == 0)
		return 0;
	level = &reader->levels[reader->depth - 1];
	if (level->array && level->entered)
		level->index++;
	level->entered = true;
	return 0;
}

int json_path_enter(struct json_reader *reader, bool array)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
			"objects and arrays are nested more than %d deep", JSON_DEPTH_MAX);
	reader->place = JSON_OPENED;
	reader->levels[reader->depth++] = (struct json_level){
		.array = array,
		.names_at = reader->name_count,
	};
	return 0;
}

static int name_twice(struct json_reader *reader, const struct json_name *name)
{
	struct json_level *level = &reader->levels[reader->depth - 1];

	level->key = name->text;
	level->length = name->length;
	return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
		"the member \"%.*s\" is given twice",
		(int)(name->length < 100 ? name->length : 100), name->text);
}

static int name_add(struct json_reader *reader, const struct json_name *name)
{
	if (reader->name_count == reader->name_room) {
		uint32_t room = reader->name_room > 0 ? reader->name_room * 2 : 256;
		struct json_name *names = arena_alloc(&reader->memory, room * sizeof(*names));

		if (names == NULL)
			return error_set(reader->err, ERROR_SYSTEM, ENOMEM, "no memory is left");
		if (reader->name_count > 0)
			memcpy(names, reader->names, reader->name_count * sizeof(*names));
		reader->names = names;
		reader->name_room = room;
	}
	reader->names[reader->name_count++] = *name;
	return 0;
}

static bool name_same(const struct json_name *a, const struct json_name *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

int json_path_key(struct json_reader *reader, const char *text, size_t length)
{
	struct json_level *level = &reader->levels[reader->depth - 1];
	bool stays = text >= reader->bytes && text + length <= reader->bytes + reader->length;
	struct json_name name = {text, (uint32_t)length};

	if (!stays)
		name.text = arena_copy(&reader->memory, text, length);
	reader->place = JSON_NAMED;
	if (name.text == NULL)
		return error_set(reader->err, ERROR_SYSTEM, ENOMEM, "no memory is left");
	level->entered = true;
	level->key = name.text;
	level->length = name.length;
	if (reader->name_count - level->names_at <= FEW)
		for (uint32_t i = level->names_at; i < reader->name_count; i++)
			if (name_same(&reader->names[i], &name))
				return name_twice(reader, &name);
	return name_add(reader, &name);
}

static int name_compare(const void *left, const void *right)
{
	const struct json_name *a = left, *b = right;
	int order;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	order = memcmp(a->text, b->text, a->length);
	return order;
}

int json_path_leave(struct json_reader *reader)
{
	struct json_level *level = &reader->levels[reader->depth - 1];
	uint32_t count = reader->name_count - level->names_at;

	if (count > FEW) {
		struct json_name *names = reader->names + level->names_at;

		qsort(names, count, sizeof(*names), name_compare);
		for (uint32_t i = 1; i < count; i++)
			if (name_same(&names[i - 1], &names[i]))
				return name_twice(reader, &names[i]);
	}
	reader->name_count = level->names_at;
	reader->place = JSON_DONE;
	reader->depth--;
	return 0;
}

/* The place behind the newest token, and behind one separator too when that is right there. */
static size_t text_next(const struct json_reader *reader, char separator, bool *separated)
{
	size_t at = reader->at;

	*separated = false;
	for (; at < reader->length; at++) {
		char c = reader->bytes[at];

		if (c == separator && !*separated)
			*separated = true;
		else if (strchr(" \t\r\n", c) == NULL)
			break;
	}
	return at;
}

size_t json_path_expected(const struct json_reader *reader, const char **words)
{
	bool array = reader->depth > 0 && reader->levels[reader->depth - 1].array;
	char separator = '\0';
	bool separated;
	size_t at;

	if (reader->place == JSON_NAMED)
		separator = ':';
	else if (reader->place == JSON_DONE && reader->depth > 0)
		separator = ',';
	at = text_next(reader, separator, &separated);
	if (reader->depth == 0)
		*words = reader->place == JSON_DONE ? "the end of the document" : "a value";
	else if (reader->place == JSON_NAMED)
		*words = separated ? "a value" : "\":\" after the name";
	else if (reader->place == JSON_OPENED)
		*words = array ? "a value or \"]\"" : "a member name in double quotes or \"}\"";
	else if (separated)
		*words = array ? "a value" : "a member name in double quotes";
	else
		*words = array ? "\",\" or \"]\"" : "\",\" or \"}\"";
	return at;
}

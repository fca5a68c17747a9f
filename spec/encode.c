/* The way back: the same rows write what they read, so that what one version of us wrote another
 * can read. */
#include <errno.h>
#include <string.h>

#include "spec/json.h"
#include "spec/names.h"
#include "spec/table.h"

static void object_write(
	struct json_writer *writer, const struct table *table, const char *structure);

static void list_write(
	struct json_writer *writer, const struct field *field, const struct any_list *list)
{
	json_array(writer);
	for (uint32_t i = 0; i < list->count; i++) {
		switch (field->kind) {
		case FIELD_STRINGS:
			json_string(writer, ((const char **)list->items)[i]);
			break;
		case FIELD_UNSIGNEDS:
			json_unsigned(writer, ((uint64_t *)list->items)[i]);
			break;
		case FIELD_WORDS:
			json_string(writer, names_word(field->words, ((int64_t *)list->items)[i]));
			break;
		default:
			object_write(writer, field->child, list->items + i * field->child->size);
		}
	}
	json_array_end(writer);
}

static void map_write(
	struct json_writer *writer, const struct field *field, const struct any_list *map)
{
	size_t stride = field->kind == FIELD_STRINGMAP ? sizeof(struct string_pair)
						       : sizeof(const char *) + field->child->size;

	json_object(writer);
	for (uint32_t i = 0; i < map->count; i++) {
		const char *entry = map->items + i * stride;

		json_key(writer, *(const char *const *)entry);
		entry += sizeof(const char *);
		if (field->kind == FIELD_STRINGMAP)
			json_string(writer, *(const char *const *)entry);
		else
			object_write(writer, field->child, entry);
	}
	json_object_end(writer);
}

static void member_write(struct json_writer *writer, const struct field *field, const char *member)
{
	switch (field->kind) {
	case FIELD_BOOLEAN:
		json_boolean(writer, ((const struct maybe_bool *)member)->value);
		break;
	case FIELD_INTEGER:
		json_integer(writer, ((const struct maybe_int *)member)->value);
		break;
	case FIELD_UNSIGNED:
		json_unsigned(writer, ((const struct maybe_uint *)member)->value);
		break;
	case FIELD_STRING:
		json_string(writer, *(const char *const *)member);
		break;
	case FIELD_WORD:
		json_string(writer,
			names_word(field->words, ((const struct maybe_int *)member)->value));
		break;
	case FIELD_CHILD:
		object_write(writer, field->child, *(const char *const *)member);
		break;
	case FIELD_STRINGMAP:
	case FIELD_CHILDMAP:
		map_write(writer, field, (const struct any_list *)member);
		break;
	default:
		list_write(writer, field, (const struct any_list *)member);
	}
}

static void object_write(
	struct json_writer *writer, const struct table *table, const char *structure)
{
	json_object(writer);
	for (uint32_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];
		const char *member = structure + field->offset;

		if (table_absent(field, structure))
			continue;
		json_key(writer, field->key);
		member_write(writer, field, member);
	}
	json_object_end(writer);
}

const char *table_encode(const struct table *table, const void *structure, unsigned int indent,
	struct arena *arena, size_t *length, struct error *err)
{
	struct json_writer writer;

	json_begin(&writer, arena, indent);
	object_write(&writer, table, structure);
	return json_finish(&writer, length, err);
}

/*
 * Decoding walks the tables as the document walks: a frame for each open object, list or map that
 * we know, a counter for the depth of one that we do not. Lists grow in the arena by doubling; only
 * the newest entry of a list is ever being filled, so its entries may move.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "spec/decode.h"
#include "spec/json.h"
#include "spec/names.h"
#include "spec/table.h"

enum frame_kind { FRAME_OBJECT, FRAME_LIST, FRAME_MAP };

struct frame {
	enum frame_kind kind;
	const struct field *field; /* object: the member at hand or NULL; else: whose list it is */
	const struct table *table; /* object */
	char *structure;           /* object */
	uint64_t seen;             /* object: members that were named, bit by bit */
	struct any_list *list;     /* list, map */
	uint32_t room;             /* list, map */
	const char *key;           /* map: of the entry at hand */
};

struct decoder {
	const struct table *table;
	void *structure;
	struct arena *arena;
	struct warnings *warnings;
	uint32_t depth;
	uint32_t skipped; /* open objects and lists that we do not know */
	struct frame frames[JSON_DEPTH_MAX];
};

static int no_memory(struct json_reader *reader)
{
	return error_set(reader->err, ERROR_SYSTEM, ENOMEM, "no memory is left");
}

static struct frame *frame_push(struct decoder *decoder, const struct frame *frame)
{
	decoder->frames[decoder->depth] = *frame;
	return &decoder->frames[decoder->depth++];
}

static void object_push(struct decoder *decoder, const struct table *table, void *structure)
{
	frame_push(decoder,
		&(struct frame){.kind = FRAME_OBJECT, .table = table, .structure = structure});
}

static size_t entry_size(const struct field *field)
{
	switch (field->kind) {
	case FIELD_CHILDREN:
		return field->child->size;
	case FIELD_CHILDMAP:
		return sizeof(const char *) + field->child->size;
	case FIELD_STRINGMAP:
		return sizeof(struct string_pair);
	case FIELD_STRINGS:
		return sizeof(const char *);
	default:
		return sizeof(uint64_t);
	}
}

/* One more entry, zeroed; NULL without memory. */
static char *entry_add(struct decoder *decoder, struct frame *frame)
{
	size_t size = entry_size(frame->field);
	struct any_list *list = frame->list;

	if (list->count == frame->room) {
		uint32_t room = frame->room > 0 ? frame->room * 2 : 8;
		char *items = arena_alloc(decoder->arena, room * size);

		if (items == NULL)
			return NULL;
		if (list->count > 0)
			memcpy(items, list->items, list->count * size);
		list->items = items;
		frame->room = room;
	}
	return list->items + list->count++ * size;
}

static int entry_decode(
	struct json_reader *reader, struct frame *frame, const struct json_value *value)
{
	struct decoder *decoder = reader->context;
	const struct field *field = frame->field;
	int status = decode_check_type(reader, decode_type(field->kind, true), value);
	char *entry;

	if (status < 0)
		return status;
	entry = entry_add(decoder, frame);
	if (entry == NULL)
		return no_memory(reader);
	if (frame->kind == FRAME_MAP) {
		*(const char **)entry = frame->key;
		entry += sizeof(const char *);
	}
	if (value->type != JSON_OBJECT)
		return decode_scalar(reader, field, true, value, entry, decoder->arena);
	object_push(decoder, field->child, entry);
	return 0;
}

static int member_decode(
	struct json_reader *reader, const struct frame *frame, const struct json_value *value)
{
	struct decoder *decoder = reader->context;
	const struct field *field = frame->field;
	char *member = frame->structure + field->offset;
	int status = decode_check_type(reader, decode_type(field->kind, false), value);
	void *child;

	if (status < 0)
		return status;
	switch (field->kind) {
	case FIELD_CHILD:
		child = arena_alloc(decoder->arena, field->child->size);
		if (child == NULL)
			return no_memory(reader);
		*(void **)member = child;
		object_push(decoder, field->child, child);
		return 0;
	case FIELD_STRINGS:
	case FIELD_UNSIGNEDS:
	case FIELD_WORDS:
	case FIELD_CHILDREN:
	case FIELD_STRINGMAP:
	case FIELD_CHILDMAP:
		((struct any_list *)member)->given = true;
		frame_push(decoder,
			&(struct frame){
				.kind = value->type == JSON_OBJECT ? FRAME_MAP : FRAME_LIST,
				.field = field,
				.list = (struct any_list *)member,
			});
		return 0;
	default:
		return decode_scalar(reader, field, false, value, member, decoder->arena);
	}
}

static int decode_value(struct json_reader *reader, const struct json_value *value)
{
	struct decoder *decoder = reader->context;
	bool opens = value->type == JSON_OBJECT || value->type == JSON_ARRAY;
	struct frame *frame;

	if (decoder->depth == 0) {
		int status = decode_check_type(reader, decode_type(FIELD_CHILD, false), value);

		if (status == 0)
			object_push(decoder, decoder->table, decoder->structure);
		return status;
	}
	frame = &decoder->frames[decoder->depth - 1];
	if (decoder->skipped > 0 || (frame->kind == FRAME_OBJECT && frame->field == NULL)) {
		decoder->skipped += opens;
		return 0;
	}
	if (frame->kind != FRAME_OBJECT)
		return entry_decode(reader, frame, value);
	return value->type == JSON_NULL ? 0 : member_decode(reader, frame, value);
}

/* The member of this name; *twin when only the letter case differs. */
static const struct field *field_find(
	const struct table *table, const char *key, size_t length, bool *twin)
{
	*twin = false;
	for (uint32_t i = 0; i < table->count; i++)
		if (table->fields[i].length == length &&
			memcmp(table->fields[i].key, key, length) == 0)
			return &table->fields[i];
	*twin = true;
	for (uint32_t i = 0; i < table->count; i++)
		if (table->fields[i].length == length &&
			strncasecmp(table->fields[i].key, key, length) == 0)
			return &table->fields[i];
	return NULL;
}

/*
 * Engines write configurations with libraries that do not mind letter case, and check them with
 * such libraries too: what they took as "hostname" must not be something else, or nothing, here.
 */
static int twin_note(struct json_reader *reader, struct decoder *decoder, const struct field *field)
{
	char pointer[256];

	json_path(reader, pointer, sizeof(pointer));
	warning_add(decoder->warnings, decoder->arena, pointer,
		"taken as \"%s\", which differs in letter case", field->key);
	return 0;
}

/* By the specification what is not known is ignored; but it may be a name that was misspelt. */
static void stranger_note(
	struct json_reader *reader, const struct table *table, const char *text, size_t length)
{
	const struct decoder *decoder = reader->context;
	struct name names[TABLE_FIELDS_MAX];
	const struct name_set set = {"property", table->count, names};
	const char *key, *nearest;
	char pointer[256];

	if (decoder->warnings == NULL || !decoder->warnings->strangers)
		return;
	for (uint32_t i = 0; i < table->count; i++)
		names[i] = (struct name){table->fields[i].key, i};
	json_path(reader, pointer, sizeof(pointer));
	key = arena_copy(decoder->arena, text, length);
	nearest = key != NULL ? names_nearest(&set, key) : NULL;
	warning_add(decoder->warnings, decoder->arena, pointer,
		nearest != NULL ? "unknown, and ignored; did you mean \"%s\"?"
				: "unknown, and ignored",
		nearest);
}

static int decode_key(struct json_reader *reader, const char *text, size_t length)
{
	struct decoder *decoder = reader->context;
	struct frame *frame = &decoder->frames[decoder->depth - 1];
	uint64_t bit;
	bool twin;

	if (decoder->skipped > 0)
		return 0;
	if (frame->kind == FRAME_MAP) {
		frame->key = arena_copy(decoder->arena, text, length);
		return frame->key != NULL ? 0 : no_memory(reader);
	}
	frame->field = field_find(frame->table, text, length, &twin);
	if (frame->field == NULL) {
		stranger_note(reader, frame->table, text, length);
		return 0;
	}
	bit = 1ULL << (frame->field - frame->table->fields);
	if (frame->seen & bit)
		return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
			"the member \"%s\" is given twice, in different letter case",
			frame->field->key);
	frame->seen |= bit;
	return twin ? twin_note(reader, decoder, frame->field) : 0;
}

static int object_end(struct json_reader *reader, const struct frame *frame)
{
	for (uint32_t i = 0; i < frame->table->count; i++) {
		const struct field *field = &frame->table->fields[i];
		char pointer[256];
		size_t used;

		if (!(field->need & REQUIRED) || !table_absent(field, frame->structure))
			continue;
		used = json_path(reader, pointer, sizeof(pointer));
		json_path_add(pointer, sizeof(pointer), &used, field->key, field->length);
		error_set(reader->err, ERROR_CONFIG_MISSING, 0,
			"%s%s%sthe required property \"%s\" is missing",
			field->words != NULL ? "invalid " : "",
			field->words != NULL ? field->words->title : "",
			field->words != NULL ? ": " : "", field->key);
		error_pointer(reader->err, "%s", pointer);
		return -EINVAL;
	}
	return 0;
}

static int decode_end(struct json_reader *reader)
{
	struct decoder *decoder = reader->context;
	struct frame *frame;

	if (decoder->skipped > 0) {
		decoder->skipped--;
		return 0;
	}
	frame = &decoder->frames[--decoder->depth];
	if (frame->kind == FRAME_OBJECT)
		return object_end(reader, frame);
	if ((frame->field->need & ENTRIES) && frame->list->count == 0)
		return error_set(
			reader->err, ERROR_CONFIG_RANGE, 0, "at least one entry is needed");
	return 0;
}

static const struct json_handler handler = {
	.value = decode_value,
	.key = decode_key,
	.end = decode_end,
};

int table_decode(const struct table *table, void *structure, const char *bytes, size_t length,
	struct arena *arena, struct warnings *warnings, struct error *err)
{
	struct decoder decoder;

	decoder.table = table;
	decoder.structure = structure;
	decoder.arena = arena;
	decoder.warnings = warnings;
	decoder.depth = decoder.skipped = 0;
	memset(structure, 0, table->size);
	return json_read(bytes, length, &handler, &decoder, err);
}

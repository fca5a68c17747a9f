/*
 * One field of a step, written for a person or for a program. What says nothing is left out: a plan
 * is read for what it does.
 */
#include "runtime/plan/fields.h"

#include <ctype.h>
#include <string.h>

#include "runtime/plan/readings.h"

static const char *const slot_words[SLOT_KINDS] = {
	[SLOT_READ] = "read",
	[SLOT_WRITE] = "write",
	[SLOT_PROCESS] = "process",
	[SLOT_CONSOLE] = "console",
	[SLOT_DOOR] = "door",
	[SLOT_TRACE] = "trace",
	[SLOT_IDMAP] = "idmap",
};

static const void *field_value(
	const struct plan *plan, const struct plan_step *step, const struct plan_field *field)
{
	return (const char *)plan_arguments(plan, step) + field->offset;
}

/* ---- lists of words ---- */

static void bits_text(FILE *out, const struct reading *reading, uint64_t bits)
{
	const char *separator = "", *word;

	if (bits == UINT64_MAX) {
		fputs("all", out);
		return;
	}
	while ((word = reading_take(reading, &bits)) != NULL) {
		fprintf(out, "%s%s", separator, word);
		separator = ",";
	}
	if (bits != 0)
		fprintf(out, "%s%#llx", separator, (unsigned long long)bits);
}

static void bits_json(struct json_writer *writer, const struct reading *reading, uint64_t bits)
{
	char rest[24];
	const char *word;

	json_array(writer);
	while ((word = reading_take(reading, &bits)) != NULL)
		json_string(writer, word);
	if (bits != 0) {
		snprintf(rest, sizeof(rest), "%#llx", (unsigned long long)bits);
		json_string(writer, rest);
	}
	json_array_end(writer);
}

/* Text as it is, or in quotes when it holds what could be taken for something else. */
static void quoted_text(FILE *out, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	while (*c != '\0' && (isgraph(*c) || *c >= 0x80) && *c != '"' && *c != '\\')
		c++;
	if (*c == '\0' && c != (const unsigned char *)text) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '\n')
			fputs("\\n", out);
		else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < ' ' || *c == 0x7f)
			fprintf(out, "\\x%02x", *c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

/* ---- what a step is about ---- */

/* The first field, if it says what the step is about: a text, a namespace, a descriptor with a
 * path. */
static bool field_is_subject(const struct plan_step *step, const struct plan_field *field)
{
	const struct reading reading = reading_find(step, field);

	if (field->offset != 0 || field->name == NULL)
		return false;
	return field->type == PLAN_TEXT || field->type == PLAN_SLOT ||
		reading.style == PLAN_STYLE_WORD || reading.words == &names_namespace;
}

bool plan_subject_has(const struct plan_step *step, const struct plan_field *field)
{
	if (step->kind == STEP_mount && strcmp(field->name, "target") == 0)
		return true;
	return step->kind != STEP_door && step->kind != STEP_console &&
		field_is_subject(step, field);
}

static void subject_write(FILE *out, const struct plan *plan, const struct plan_step *step,
	const struct plan_field *field)
{
	const struct reading reading = reading_find(step, field);
	const void *value = field_value(plan, step, field);
	const char *text = NULL;

	if (field->type == PLAN_TEXT)
		text = plan_string(plan, *(const plan_text *)value);
	else if (field->type == PLAN_SLOT && *(const int32_t *)value >= 0)
		text = plan_string(plan, plan_slots(plan)[*(const int32_t *)value].path);
	else if (reading.style == PLAN_STYLE_WORD)
		text = names_word(reading.words, *(const int64_t *)value);
	else if (reading.style == PLAN_STYLE_BITS)
		bits_text(out, &reading, *(const uint64_t *)value);
	if (text != NULL)
		quoted_text(out, text);
}

void plan_subject(const struct plan *plan, const struct plan_step *step, char *buffer, size_t size)
{
	FILE *out = fmemopen(buffer, size, "w");

	buffer[0] = '\0';
	if (out == NULL)
		return;
	for (const struct plan_field *f = plan_kinds[step->kind].fields; f->name != NULL; f++) {
		if (!plan_subject_has(step, f))
			continue;
		if (ftell(out) > 0)
			fputs(" on ", out);
		subject_write(out, plan, step, f);
	}
	fclose(out);
	buffer[size - 1] = '\0';
}

/* ---- for a person ---- */

static void list_text(FILE *out, const struct plan *plan, plan_list list)
{
	fputc('[', out);
	for (uint32_t i = 0; i < list.count; i++) {
		if (i > 0)
			fputc(' ', out);
		quoted_text(out, plan_item(plan, list, i));
	}
	fputc(']', out);
}

static void number_text(
	FILE *out, const struct plan_field *field, const struct reading *reading, const void *value)
{
	int64_t number = *(const int64_t *)value;
	const char *word = NULL;

	if (reading->style == PLAN_STYLE_WORD)
		word = names_word(reading->words, number);
	if (word != NULL)
		fputs(word, out);
	else if (reading->style == PLAN_STYLE_BITS || reading->style == PLAN_STYLE_RANK)
		bits_text(out, reading, (uint64_t)number);
	else if (reading->style == PLAN_STYLE_OCTAL)
		fprintf(out, "%04llo", (unsigned long long)number);
	else if (field->type == PLAN_NUMBER)
		fprintf(out, "%lld", (long long)number);
	else if (reading->style == PLAN_STYLE_DECIMAL)
		fprintf(out, "%llu", (unsigned long long)number);
	else
		fprintf(out, "%#llx", (unsigned long long)number);
}

static void slot_text(const struct plan *plan, int32_t index, char *buffer, size_t size)
{
	const struct plan_slot *slot = &plan_slots(plan)[index];
	const char *path = plan_string(plan, slot->path);

	snprintf(buffer, size, "%s%s%s", slot_words[slot->kind], path != NULL ? ":" : "",
		path != NULL ? path : "");
}

static bool set_has(const uint8_t *data, uint32_t length, uint32_t number)
{
	return number / 8 < length && (data[number / 8] >> number % 8 & 1);
}

/* The numbers of a set as ranges: "0-3,7". */
static void set_text(FILE *out, const uint8_t *data, uint32_t length)
{
	const char *separator = "";

	for (uint32_t first = 0, last; first < length * 8; first = last + 1) {
		last = first;
		if (!set_has(data, length, first))
			continue;
		while (set_has(data, length, last + 1))
			last++;
		fprintf(out, last > first ? "%s%u-%u" : "%s%u", separator, first, last);
		separator = ",";
	}
}

static void bytes_text(
	FILE *out, const struct plan *plan, const struct reading *reading, plan_bytes bytes)
{
	const uint32_t *ids = plan_data(plan, bytes);
	const uint8_t *data = plan_data(plan, bytes);

	if (reading->style == PLAN_STYLE_IDS)
		for (uint32_t i = 0; i < bytes.length / sizeof(*ids); i++)
			fprintf(out, "%s%u", i > 0 ? "," : "", ids[i]);
	else if (reading->style == PLAN_STYLE_SET)
		set_text(out, data, bytes.length);
	else
		fprintf(out, "(%u bytes)", bytes.length);
}

/* True when there is nothing to say about a field. */
static bool field_silent(
	const struct plan_field *field, const struct reading *reading, const void *value)
{
	switch (field->type) {
	case PLAN_TEXT:
		return ((const plan_text *)value)->at == PLAN_ABSENT;
	case PLAN_LIST:
		return ((const plan_list *)value)->count == 0;
	case PLAN_NUMBER:
		return reading->style == PLAN_STYLE_FLAG && *(const int64_t *)value == 0;
	case PLAN_BITS:
		return *(const uint64_t *)value == 0 && reading->style != PLAN_STYLE_OCTAL;
	case PLAN_SLOT:
		return *(const int32_t *)value < 0;
	case PLAN_BYTES:
		return ((const plan_bytes *)value)->length == 0;
	}
	return true;
}

void plan_field_text(FILE *out, const struct plan *plan, const struct plan_step *step,
	const struct plan_field *field)
{
	const struct reading reading = reading_find(step, field);
	const void *value = field_value(plan, step, field);
	char slot[512];

	if (field_silent(field, &reading, value))
		return;
	fprintf(out, " %s=", field->name);
	switch (field->type) {
	case PLAN_TEXT:
		quoted_text(out, plan_string(plan, *(const plan_text *)value));
		break;
	case PLAN_LIST:
		list_text(out, plan, *(const plan_list *)value);
		break;
	case PLAN_NUMBER:
	case PLAN_BITS:
		number_text(out, field, &reading, value);
		break;
	case PLAN_SLOT:
		slot_text(plan, *(const int32_t *)value, slot, sizeof(slot));
		quoted_text(out, slot);
		break;
	case PLAN_BYTES:
		bytes_text(out, plan, &reading, *(const plan_bytes *)value);
		break;
	}
}

/* ---- for a program ---- */

static void number_json(struct json_writer *writer, const struct plan_field *field,
	const struct reading *reading, const void *value)
{
	int64_t number = *(const int64_t *)value;
	const char *word = NULL;

	if (reading->style == PLAN_STYLE_WORD)
		word = names_word(reading->words, number);
	if (word != NULL)
		json_string(writer, word);
	else if (reading->style == PLAN_STYLE_BITS || reading->style == PLAN_STYLE_RANK)
		bits_json(writer, reading, (uint64_t)number);
	else if (field->type == PLAN_NUMBER)
		json_integer(writer, number);
	else
		json_unsigned(writer, (uint64_t)number);
}

static void set_json(struct json_writer *writer, const uint8_t *data, uint32_t length)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out != NULL) {
		set_text(out, data, length);
		fclose(out);
	}
	text[sizeof(text) - 1] = '\0';
	json_string(writer, text);
}

static void bytes_json(struct json_writer *writer, const struct plan *plan,
	const struct reading *reading, plan_bytes bytes)
{
	const uint32_t *ids = plan_data(plan, bytes);
	const uint8_t *data = plan_data(plan, bytes);

	if (reading->style == PLAN_STYLE_SET) {
		set_json(writer, data, bytes.length);
		return;
	}
	json_array(writer);
	if (reading->style == PLAN_STYLE_IDS)
		for (uint32_t i = 0; i < bytes.length / sizeof(*ids); i++)
			json_unsigned(writer, ids[i]);
	else
		for (uint32_t i = 0; i < bytes.length; i++)
			json_unsigned(writer, data[i]);
	json_array_end(writer);
}

void plan_field_json(struct json_writer *writer, const struct plan *plan,
	const struct plan_step *step, const struct plan_field *field)
{
	const struct reading reading = reading_find(step, field);
	const void *value = field_value(plan, step, field);
	char slot[512];

	if (field_silent(field, &reading, value))
		return;
	json_key(writer, field->name);
	switch (field->type) {
	case PLAN_TEXT:
		json_string(writer, plan_string(plan, *(const plan_text *)value));
		break;
	case PLAN_LIST:
		json_array(writer);
		for (uint32_t i = 0; i < ((const plan_list *)value)->count; i++)
			json_string(writer, plan_item(plan, *(const plan_list *)value, i));
		json_array_end(writer);
		break;
	case PLAN_NUMBER:
	case PLAN_BITS:
		number_json(writer, field, &reading, value);
		break;
	case PLAN_SLOT:
		slot_text(plan, *(const int32_t *)value, slot, sizeof(slot));
		json_string(writer, slot);
		break;
	case PLAN_BYTES:
		bytes_json(writer, plan, &reading, *(const plan_bytes *)value);
		break;
	}
}

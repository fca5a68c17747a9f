/*
 * yajl has had no release since 2015 and known weaknesses outside its streaming parser, so it is
 * kept behind this door: only yajl_parse with callbacks, never its tree (CVE-2023-33460), on text
 * that has been checked for what it is lax about. Numbers are taken as text, since its integers
 * stop at 2^63-1.
 */
#include "spec/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "nsexec/cleanup.h"
#include "spec/utf8.h"

/*
 * yajl's memory comes from an arena and goes with it. What grows is copied: a header of this size
 * holds the length.
 */
#define HEADER ((size_t)16)

static void *memory_take(void *arena, size_t size)
{
	char *memory = size < SIZE_MAX - HEADER ? arena_alloc(arena, HEADER + size) : NULL;

	if (memory == NULL)
		return NULL;
	memcpy(memory, &size, sizeof(size));
	return memory + HEADER;
}

static void *memory_grow(void *arena, void *memory, size_t size)
{
	void *larger = memory_take(arena, size);
	size_t length = 0;

	if (memory != NULL)
		memcpy(&length, (char *)memory - HEADER, sizeof(length));
	if (larger != NULL && length > 0)
		memcpy(larger, memory, length < size ? length : size);
	return larger;
}

static void memory_leave(void *arena, void *memory)
{
}

static yajl_alloc_funcs memory_of(struct arena *arena)
{
	return (yajl_alloc_funcs){memory_take, memory_grow, memory_leave, arena};
}

/* yajl's callbacks go on with 1 and stop with 0; the errno waits in the reader. */
static int proceed(struct json_reader *reader, int status)
{
	reader->status = status;
	reader->at = reader->ended ? reader->length : yajl_get_bytes_consumed(reader->parser);
	return status == 0;
}

static int value_read(struct json_reader *reader, const struct json_value *value)
{
	int status = json_path_value(reader);

	if (status == 0)
		status = reader->handler->value(reader, value);
	if (status == 0 && (value->type == JSON_OBJECT || value->type == JSON_ARRAY))
		status = json_path_enter(reader, value->type == JSON_ARRAY);
	return proceed(reader, status);
}

static int on_null(void *context)
{
	return value_read(context, &(struct json_value){.type = JSON_NULL});
}

static int on_boolean(void *context, int boolean)
{
	return value_read(
		context, &(struct json_value){.type = JSON_BOOLEAN, .boolean = boolean != 0});
}

static int on_number(void *context, const char *text, size_t length)
{
	return value_read(
		context, &(struct json_value){.type = JSON_NUMBER, .text = text, .length = length});
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
	return value_read(context,
		&(struct json_value){
			.type = JSON_STRING, .text = (const char *)text, .length = length});
}

static int on_object(void *context)
{
	return value_read(context, &(struct json_value){.type = JSON_OBJECT});
}

static int on_array(void *context)
{
	return value_read(context, &(struct json_value){.type = JSON_ARRAY});
}

static int on_key(void *context, const unsigned char *text, size_t length)
{
	struct json_reader *reader = context;
	int status = json_path_key(reader, (const char *)text, length);

	if (status == 0)
		status = reader->handler->key(reader, (const char *)text, length);
	return proceed(reader, status);
}

static int on_end(void *context)
{
	struct json_reader *reader = context;
	int status = json_path_leave(reader);

	if (status == 0)
		status = reader->handler->end(reader);
	return proceed(reader, status);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

/* What yajl's lexer says inside strings and numbers, in words of ours. */
static const struct {
	const char *complaint;
	const char *words;
} complaints[] = {
	{"may not", "a backslash stands before a character that cannot be escaped"},
	{"after '\\u'", "\\u is not followed by four hexadecimal digits"},
	{"inside string", "a string is not closed on its line, or holds a control character"},
	{"decimal point", "a digit is missing after the decimal point"},
	{"after the exponent", "a digit is missing in the exponent"},
	{"minus sign", "a digit is missing after the minus sign"},
	{"probable comment", "JSON has no comments"},
	{"premature EOF", "the document ends too early"},
};

static const char *lexer_words(yajl_handle handle)
{
	unsigned char *complaint = yajl_get_error(handle, 0, NULL, 0);
	const char *words = NULL;

	for (size_t i = 0; complaint != NULL && words == NULL && i < array_size(complaints); i++)
		if (strstr((const char *)complaint, complaints[i].complaint) != NULL)
			words = complaints[i].words;
	yajl_free_error(handle, complaint);
	return words;
}

/* What yajl refused, said with line and column. Its parser's own words and offsets are not
 * reliable. */
static int syntax_error(struct json_reader *reader, yajl_handle handle, size_t consumed)
{
	const char *words = lexer_words(handle), *expected;
	size_t at = json_path_expected(reader, &expected);
	struct json_position position;

	json_text_position(reader->bytes, reader->length, words != NULL ? consumed : at, &position);
	if (words != NULL && at < reader->length)
		return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
			"line %zu, column %zu: %s", position.line, position.column, words);
	if (position.length == 0)
		return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
			"line %zu, column %zu: the document ends too early, expected %s",
			position.line, position.column, expected);
	return error_set(reader->err, ERROR_CONFIG_SYNTAX, EINVAL,
		"line %zu, column %zu: expected %s, found %.*s", position.line, position.column,
		expected, (int)position.length, position.token);
}

static int text_parse(struct json_reader *reader, yajl_handle handle)
{
	yajl_status status =
		yajl_parse(handle, (const unsigned char *)reader->bytes, reader->length);
	size_t consumed = yajl_get_bytes_consumed(handle);

	if (status == yajl_status_ok) {
		reader->ended = true;
		status = yajl_complete_parse(handle);
		consumed = reader->length;
	}
	if (status == yajl_status_client_canceled)
		return reader->status;
	return status == yajl_status_ok ? 0 : syntax_error(reader, handle, consumed);
}

int json_read(const char *bytes, size_t length, const struct json_handler *handler, void *context,
	struct error *err)
{
	struct json_reader reader = {.handler = handler,
		.context = context,
		.err = err,
		.bytes = bytes,
		.length = length};
	yajl_alloc_funcs memory = memory_of(&reader.memory);
	int status = json_text_check(bytes, length, err);
	yajl_handle handle;

	if (status < 0)
		return status;
	handle = yajl_alloc(&callbacks, &memory, &reader);
	if (handle == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "no memory is left");
	yajl_config(handle, yajl_dont_validate_strings, 1); /* json_text_check did, strictly */
	reader.parser = handle;
	status = text_parse(&reader, handle);
	if (status < 0 && err->pointer[0] == '\0') {
		char pointer[sizeof(err->pointer)];

		json_path(&reader, pointer, sizeof(pointer));
		error_pointer(err, "%s", pointer);
	}
	yajl_free(handle);
	arena_free(&reader.memory);
	return status;
}

void json_begin(struct json_writer *writer, struct arena *arena, unsigned int indent)
{
	static const char spaces[] = "        ";
	yajl_alloc_funcs memory = memory_of(arena);
	yajl_gen generator = yajl_gen_alloc(&memory);

	*writer = (struct json_writer){.generator = generator, .arena = arena};
	if (generator == NULL) {
		writer->status = -ENOMEM;
		return;
	}
	if (indent == 0)
		return;
	yajl_gen_config(generator, yajl_gen_beautify, 1);
	yajl_gen_config(generator, yajl_gen_indent_string,
		spaces + sizeof(spaces) - 1 - (indent < 8 ? indent : 8));
}

static void keep_status(struct json_writer *writer, yajl_gen_status status)
{
	if (writer->status == 0 && status != yajl_gen_status_ok)
		writer->status = -EINVAL;
}

#define GENERATE(writer, call, ...) \
	do { \
		if ((writer)->status == 0) \
			keep_status(writer, call((writer)->generator, ##__VA_ARGS__)); \
	} while (0)

void json_object(struct json_writer *writer)
{
	GENERATE(writer, yajl_gen_map_open);
}

void json_object_end(struct json_writer *writer)
{
	GENERATE(writer, yajl_gen_map_close);
}

void json_array(struct json_writer *writer)
{
	GENERATE(writer, yajl_gen_array_open);
}

void json_array_end(struct json_writer *writer)
{
	GENERATE(writer, yajl_gen_array_close);
}

void json_string(struct json_writer *writer, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (text == NULL) {
		GENERATE(writer, yajl_gen_null);
		return;
	}
	if (utf8_valid(text, length) < length)
		text = json_text_repair(writer->arena, text, &length);
	if (text == NULL)
		writer->status = -ENOMEM;
	GENERATE(writer, yajl_gen_string, (const unsigned char *)text, length);
}

void json_key(struct json_writer *writer, const char *key)
{
	json_string(writer, key);
}

void json_unsigned(struct json_writer *writer, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);

	GENERATE(writer, yajl_gen_number, digits, (size_t)length);
}

void json_hundredths(struct json_writer *writer, uint64_t number)
{
	char digits[28];
	int length = snprintf(digits, sizeof(digits), "%llu.%02llu",
		(unsigned long long)number / 100, (unsigned long long)number % 100);

	GENERATE(writer, yajl_gen_number, digits, (size_t)length);
}

void json_integer(struct json_writer *writer, int64_t number)
{
	GENERATE(writer, yajl_gen_integer, (long long)number);
}

void json_boolean(struct json_writer *writer, bool value)
{
	GENERATE(writer, yajl_gen_bool, value);
}

void json_member_string(struct json_writer *writer, const char *key, const char *text)
{
	if (text == NULL)
		return;
	json_key(writer, key);
	json_string(writer, text);
}

void json_member_integer(struct json_writer *writer, const char *key, int64_t number)
{
	json_key(writer, key);
	json_integer(writer, number);
}

void json_member_unsigned(struct json_writer *writer, const char *key, uint64_t number)
{
	json_key(writer, key);
	json_unsigned(writer, number);
}

void json_member_boolean(struct json_writer *writer, const char *key, bool value)
{
	json_key(writer, key);
	json_boolean(writer, value);
}

const char *json_finish(struct json_writer *writer, size_t *length, struct error *err)
{
	const unsigned char *bytes = NULL;
	const char *text = NULL;
	size_t size = 0;

	if (writer->status == 0 &&
		yajl_gen_get_buf(writer->generator, &bytes, &size) == yajl_gen_status_ok)
		text = arena_copy(writer->arena, (const char *)bytes, size);
	if (writer->generator != NULL)
		yajl_gen_free(writer->generator);
	writer->generator = NULL;
	if (text == NULL)
		error_set(err, ERROR_SYSTEM, writer->status != 0 ? -writer->status : ENOMEM,
			"a JSON document cannot be written");
	else if (length != NULL)
		*length = size;
	return text;
}

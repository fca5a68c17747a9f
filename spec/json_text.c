/*
 * yajl turns half a surrogate pair into "?" and reads past its buffer behind one (CVE-2017-16516),
 * takes \u0000, and knows neither line nor column. All of that is about the text alone, and settled
 * here.
 */
#include "spec/json_text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "spec/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define TOKEN_MAX 40

static int text_refuse(
	const char *text, size_t length, size_t at, const char *why, struct error *err)
{
	struct json_position position;

	json_text_position(text, length, at, &position);
	return error_set(err, ERROR_CONFIG_SYNTAX, EINVAL, "line %zu, column %zu: %s",
		position.line, position.column, why);
}

/* The number of \uXXXX at an escape, or -1 when it is no such escape. */
static int32_t escape_read(const char *escape, size_t left)
{
	int32_t number = 0;

	if (left < 6 || escape[0] != '\\' || escape[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		char c = escape[i] | ' ';
		int32_t digit = c >= '0' && c <= '9' ? c - '0'
			: c >= 'a' && c <= 'f'       ? c - 'a' + 10
						     : -1;

		if (digit < 0)
			return -1;
		number = number * 16 + digit;
	}
	return number;
}

/* Walks from escape to escape. Outside strings a backslash is no JSON anyway: that is yajl's to
 * say. */
static int escapes_check(const char *text, size_t length, struct error *err)
{
	const char *end = text + length;
	const char *at = text;

	while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		int32_t number = escape_read(at, (size_t)(end - at));
		ptrdiff_t step = number < 0 ? 2 : 6;
		int32_t low;

		if (number == 0)
			return text_refuse(text, length, (size_t)(at - text),
				"a string cannot hold a NUL character", err);
		if (number >= 0xd800 && number <= 0xdfff) {
			low = escape_read(at + 6, (size_t)(end - at - 6));
			if (number > 0xdbff || low < 0xdc00 || low > 0xdfff)
				return text_refuse(text, length, (size_t)(at - text),
					"half a surrogate pair is no character", err);
			step = 12;
		}
		if (end - at <= step)
			break;
		at += step;
	}
	return 0;
}

int json_text_check(const char *text, size_t length, struct error *err)
{
	const char *nul;
	size_t valid;

	if (length > JSON_SIZE_MAX) /* far from where yajl's buffers overflow (CVE-2022-24795) */
		return error_set(err, ERROR_CONFIG_SYNTAX, EFBIG,
			"the document is larger than %zu MiB", JSON_SIZE_MAX >> 20);
	if (length == 0)
		return error_set(err, ERROR_CONFIG_SYNTAX, EINVAL, "the document is empty");
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return text_refuse(text, length, 0, "JSON has no byte order mark", err);
	nul = memchr(text, '\0', length);
	if (nul != NULL)
		return text_refuse(text, length, (size_t)(nul - text), "found a NUL byte", err);
	valid = utf8_valid(text, length);
	if (valid < length)
		return text_refuse(text, length, valid, "found bytes that are not UTF-8", err);
	return escapes_check(text, length, err);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | ' ') >= 'a' && (c | ' ') <= 'z') || c == '-' ||
		c == '+' || c == '.' || c == '_';
}

/* How long the token is that begins the text: a string, a word or number, or one character. */
static size_t token_length(const char *text, size_t left)
{
	size_t length = 0;

	if (left > TOKEN_MAX)
		left = TOKEN_MAX;
	if (left > 0 && text[0] == '"') {
		for (length = 1; length < left && text[length] != '"' && text[length] != '\n';)
			length += text[length] == '\\' ? 2 : 1;
		return length < left ? length + 1 : left;
	}
	while (length < left && is_word(text[length]))
		length++;
	return length > 0 ? length : utf8_length(text, left);
}

void json_text_position(const char *text, size_t length, size_t at, struct json_position *position)
{
	if (at > length)
		at = length;
	*position = (struct json_position){.line = 1, .column = 1, .token = text + at};
	position->length = token_length(position->token, length - at);
	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			position->line++;
			position->column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			position->column++;
		}
	}
}

char *json_text_repair(struct arena *arena, const char *text, size_t *length)
{
	char *copy = arena_alloc(arena, *length * (sizeof(REPLACEMENT) - 1) + 1);
	size_t used = 0;

	for (size_t at = 0; copy != NULL && at < *length;) {
		size_t step = utf8_length(text + at, *length - at);

		if (step == 0) {
			memcpy(copy + used, REPLACEMENT, sizeof(REPLACEMENT) - 1);
			used += sizeof(REPLACEMENT) - 1;
			at++;
			continue;
		}
		memcpy(copy + used, text + at, step);
		used += step;
		at += step;
	}
	*length = used;
	return copy;
}

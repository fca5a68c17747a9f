/*
 * Values of properties as people write them into annotations. Each value is parsed into its own
 * list of words first: only when an array is complete is it known what its numbers are.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/unit/words.h"
#include "spec/utf8.h"

#define TYPE_MAX 64  /* bytes of a signature */
#define DEPTH_MAX 16 /* arrays in arrays */
#define SPACE " \t\n\r"

/* One value while it is parsed. */
struct value {
	char type[TYPE_MAX];
	bool loose; /* a number or string without a type: it takes that of its array */
	struct unit_words words;
};

struct parser {
	const char *at;
	struct arena *arena;
	struct error *err;
};

static int value_refuse(struct parser *parser, const char *why)
{
	int r = error_set(parser->err, ERROR_CONFIG_TYPE, EINVAL, "expected a value of D-Bus%s%s%s",
		why, parser->at[0] ? " at " : "", parser->at);

	error_hint(parser->err,
		"write it in the text format of GVariant: 'text', uint64 5, true, ['a', 'b']");
	return r;
}

static void space_skip(struct parser *parser)
{
	parser->at += strspn(parser->at, SPACE);
}

static bool token_take(struct parser *parser, const char *token)
{
	size_t length = strlen(token);

	space_skip(parser);
	if (strncmp(parser->at, token, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* ---- types ---- */

static const struct {
	const char *word, *type;
} type_words[] = {
	{"boolean", "b"},
	{"byte", "y"},
	{"int16", "n"},
	{"uint16", "q"},
	{"int32", "i"},
	{"uint32", "u"},
	{"int64", "x"},
	{"uint64", "t"},
	{"handle", "i"},
	{"double", "d"},
	{"string", "s"},
	{"objectpath", "o"},
	{"signature", "g"},
};

/* The type in front of a value: a word or "@" and a signature. *type is "" when there is none. */
static int type_parse(struct parser *parser, char *type)
{
	size_t length;

	type[0] = '\0';
	space_skip(parser);
	if (parser->at[0] == '@') {
		length = strspn(parser->at + 1, "abynqiuxtdsog");
		if (length == 0 || length >= TYPE_MAX || strspn(parser->at + 1, "a") == length)
			return value_refuse(
				parser, ", whose type is one of arrays and simple ones");
		memcpy(type, parser->at + 1, length);
		type[length] = '\0';
		if (strspn(type, "a") != length - 1)
			return value_refuse(parser, ", of one type");
		parser->at += length + 1;
		return 0;
	}
	length = strcspn(parser->at, SPACE);
	for (size_t i = 0; i < array_size(type_words); i++)
		if (strlen(type_words[i].word) == length &&
			strncmp(type_words[i].word, parser->at, length) == 0) {
			strcpy(type, type_words[i].type);
			parser->at += length;
		}
	return 0;
}

/* ---- numbers ---- */

/* What whole numbers of a type may be. */
static const struct {
	char type;
	int64_t least;
	uint64_t greatest;
} ranges[] = {
	{'y', 0, UINT8_MAX},
	{'n', INT16_MIN, INT16_MAX},
	{'q', 0, UINT16_MAX},
	{'i', INT32_MIN, INT32_MAX},
	{'u', 0, UINT32_MAX},
	{'x', INT64_MIN, INT64_MAX},
	{'t', 0, UINT64_MAX},
};

/* The number as a word of the type; NULL when it is none. */
static const char *number_word(struct arena *arena, const char *text, char type)
{
	bool negative = text[0] == '-';
	uint64_t amount;
	char *end;

	if (type == 'd') {
		strtod(text, &end);
		return *end ? NULL : text;
	}
	errno = 0;
	amount = strtoull(text + negative, &end, 0);
	if (*end || end == text + negative || errno)
		return NULL;
	for (size_t i = 0; i < array_size(ranges); i++)
		if (ranges[i].type == type)
			return (negative ? amount <= 0 - (uint64_t)ranges[i].least
					 : amount <= ranges[i].greatest)
				? arena_format(arena, "%s%" PRIu64, negative ? "-" : "", amount)
				: NULL;
	return NULL;
}

static int number_parse(struct parser *parser, struct value *value)
{
	size_t length = strspn(parser->at, "+-.0123456789abcdefxABCDEFX");
	const char *text = arena_copy(parser->arena, parser->at + (parser->at[0] == '+'),
		length - (parser->at[0] == '+'));
	const char *word;

	value->loose = value->type[0] == '\0';
	if (value->loose)
		strcpy(value->type,
			text && strpbrk(text, ".e") && !strpbrk(text, "xX") ? "d" : "i");
	/* What it is in an array is not known yet; an int32 is checked in the end. */
	word = text ? number_word(parser->arena, text,
			      value->loose && value->type[0] == 'i' ? (text[0] == '-' ? 'x' : 't')
								    : value->type[0])
		    : NULL;
	if (!word)
		return value_refuse(parser, ", a number in the range of its type,");
	parser->at += length;
	unit_word(&value->words, word);
	return 0;
}

/* ---- strings ---- */

/* The character of an escape behind its backslash, which is passed over; UINT32_MAX: none. */
static uint32_t escape_parse(struct parser *parser, bool bytes)
{
	static const char letters[] = "abfnrtv", meanings[] = "\a\b\f\n\r\t\v";
	char letter = *parser->at++, digits[9] = "", *end;
	const char *plain = letter ? strchr(letters, letter) : NULL;
	int length = letter == 'u' ? 4 : letter == 'U' ? 8 : letter == 'x' && bytes ? 2 : 0;
	bool octal = bytes && letter >= '0' && letter <= '7';
	uint32_t number;

	if (plain)
		return (unsigned char)meanings[plain - letters];
	if (octal) {
		parser->at--;
		length = (int)strspn(parser->at, "01234567");
		length = length < 3 ? length : 3;
	}
	if (length == 0)
		return letter ? (unsigned char)letter : UINT32_MAX;
	snprintf(digits, (size_t)length + 1, "%s", parser->at);
	number = (uint32_t)strtoul(digits, &end, octal ? 8 : 16);
	if (end != digits + length)
		return UINT32_MAX;
	parser->at += length;
	return number;
}

/* The text up to the quote that began it, without escapes, and its length; NULL when it is none. */
static char *quoted_parse(struct parser *parser, bool bytes, size_t *length)
{
	char quote = *parser->at++;
	char *text = arena_alloc(parser->arena, strlen(parser->at) + 1), *to = text;

	while (text && *parser->at != quote) {
		uint32_t character = (unsigned char)*parser->at;

		if (character == '\0')
			return NULL;
		parser->at++;
		if (character != '\\') {
			*to++ = (char)character;
			continue;
		}
		character = escape_parse(parser, bytes);
		if (character == UINT32_MAX || (character == 0 && !bytes))
			return NULL;
		if (bytes)
			*to++ = (char)character;
		else
			to += utf8_encode(character, to);
	}
	parser->at++;
	*length = (size_t)(to - text);
	return text;
}

static int string_parse(struct parser *parser, struct value *value)
{
	size_t length;
	const char *text = quoted_parse(parser, false, &length);

	if (!text)
		return value_refuse(parser, ", a complete string");
	value->loose = value->type[0] == '\0';
	if (value->loose)
		strcpy(value->type, "s");
	else if (!strchr("sog", value->type[0]))
		return value_refuse(parser, ", not a string");
	unit_word(&value->words, text);
	return 0;
}

/* b'...': its bytes and a zero. */
static int bytes_parse(struct parser *parser, struct value *value)
{
	size_t length;
	const char *text;

	parser->at++;
	text = quoted_parse(parser, true, &length);
	if (!text || (value->type[0] && strcmp(value->type, "ay") != 0))
		return value_refuse(parser, ", bytes");
	strcpy(value->type, "ay");
	unit_wordf(&value->words, "%zu", length + 1);
	for (size_t i = 0; i < length; i++)
		unit_wordf(&value->words, "%u", (unsigned char)text[i]);
	unit_word(&value->words, "0");
	return 0;
}

static int boolean_parse(struct parser *parser, struct value *value)
{
	bool truth = token_take(parser, "true");

	if ((!truth && !token_take(parser, "false")) || (value->type[0] && value->type[0] != 'b'))
		return value_refuse(parser, "");
	strcpy(value->type, "b");
	unit_word(&value->words, truth ? "true" : "false");
	return 0;
}

/* ---- arrays ---- */

static int value_parse(struct parser *parser, struct value *value, int depth);

/* What the elements of an array are: what the first with a type of its own is, else the first. */
static void array_infer(const struct value *elements, uint32_t count, char *type)
{
	for (uint32_t i = 0; i < count && type[0] == '\0'; i++)
		if (!elements[i].loose)
			strcpy(type, elements[i].type);
	if (type[0])
		return;
	for (uint32_t i = 0; i < count && (type[0] == '\0' || type[0] == 'i'); i++)
		strcpy(type, elements[i].type);
}

/* Gives an element the array's type. */
static bool element_fits(struct arena *arena, struct value *element, const char *type)
{
	bool text = element->type[0] == 's';

	if (strcmp(element->type, type) == 0 && (!element->loose || type[0] == 's'))
		return true;
	if (!element->loose || type[1])
		return false;
	if (text)
		return type[0] == 'o' || type[0] == 'g';
	element->words.items[0] = number_word(arena, element->words.items[0], type[0]);
	return element->words.items[0] != NULL;
}

static int elements_parse(struct parser *parser, struct value *elements, uint32_t *count, int depth)
{
	while (!token_take(parser, "]")) {
		int r = *count > 0 && !token_take(parser, ",")
			? value_refuse(parser, ", a \",\" or \"]\"")
			: value_parse(parser, &elements[*count], depth + 1);

		if (r < 0)
			return r;
		++*count;
	}
	return 0;
}

static int array_parse(struct parser *parser, struct value *value, int depth)
{
	/* an element and what is behind it are two characters at least */
	struct value *elements =
		arena_alloc(parser->arena, (strlen(parser->at) / 2 + 1) * sizeof(*elements));
	char type[TYPE_MAX] = "";
	uint32_t count = 0;
	int r;

	if (!elements)
		return error_set(parser->err, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (depth == DEPTH_MAX || (value->type[0] && value->type[0] != 'a'))
		return value_refuse(parser, ", not an array");
	if (value->type[0])
		strcpy(type, value->type + 1);
	r = elements_parse(parser, elements, &count, depth);
	if (r < 0)
		return r;
	array_infer(elements, count, type);
	if (type[0] == '\0')
		return value_refuse(parser, ": an empty array has its type in front, like @as []");
	unit_wordf(&value->words, "%u", count);
	for (uint32_t i = 0; i < count; i++) {
		if (!element_fits(parser->arena, &elements[i], type))
			return value_refuse(parser, ": the elements of an array are of one type");
		for (uint32_t j = 0; j < elements[i].words.count; j++)
			unit_word(&value->words, elements[i].words.items[j]);
	}
	snprintf(value->type, sizeof(value->type), "a%.*s", TYPE_MAX - 2, type);
	return 0;
}

static int value_parse(struct parser *parser, struct value *value, int depth)
{
	int r;

	*value = (struct value){.words = {.arena = parser->arena}};
	r = type_parse(parser, value->type);
	space_skip(parser);
	if (r < 0)
		return r;
	if (token_take(parser, "["))
		return array_parse(parser, value, depth);
	if (parser->at[0] == '\'' || parser->at[0] == '"')
		return string_parse(parser, value);
	if (parser->at[0] == 'b' && (parser->at[1] == '\'' || parser->at[1] == '"'))
		return bytes_parse(parser, value);
	if (parser->at[0] && strchr("+-.0123456789", parser->at[0]))
		return number_parse(parser, value);
	return boolean_parse(parser, value);
}

int unit_value(const char *text, struct unit_words *words, struct error *err)
{
	struct parser parser = {text, words->arena, err};
	struct value value;
	int r = value_parse(&parser, &value, 0);

	space_skip(&parser);
	if (r == 0 && parser.at[0])
		r = value_refuse(&parser, ", and nothing behind it,");
	/* a number that stayed without a type is an int32 */
	if (r == 0 && value.loose && value.type[0] == 'i' &&
		!number_word(parser.arena, value.words.items[0], 'i'))
		r = value_refuse(&parser, ": a number of more than 32 bits has its type in front");
	if (r < 0)
		return r;
	unit_word(words, arena_copy(words->arena, value.type, strlen(value.type)));
	for (uint32_t i = 0; i < value.words.count; i++)
		unit_word(words, value.words.items[i]);
	words->failed |= value.words.failed;
	return 0;
}

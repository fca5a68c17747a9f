/*
 * A value of the wrong type or range is an error that says what was expected and what stands there.
 * The kinder ways (a string of digits as a number, a fraction cut off, a large number clamped) are
 * how a container runs without the limit that somebody wrote down.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "spec/decode.h"
#include "spec/names.h"

#define QUOTE_MAX 80 /* bytes of a value that an error repeats */

/* What each kind takes, and what an entry of it takes. */
static const struct {
	struct decode_type whole, entry;
} types[] = {
	[FIELD_BOOLEAN] = {{JSON_BOOLEAN, "true or false"}, {0}},
	[FIELD_INTEGER] = {{JSON_NUMBER, "an integer"}, {0}},
	[FIELD_UNSIGNED] = {{JSON_NUMBER, "an integer"}, {0}},
	[FIELD_STRING] = {{JSON_STRING, "a string"}, {0}},
	[FIELD_WORD] = {{JSON_STRING, "a string"}, {0}},
	[FIELD_CHILD] = {{JSON_OBJECT, "an object"}, {0}},
	[FIELD_STRINGS] = {{JSON_ARRAY, "an array of strings"}, {JSON_STRING, "a string"}},
	[FIELD_UNSIGNEDS] = {{JSON_ARRAY, "an array of integers"}, {JSON_NUMBER, "an integer"}},
	[FIELD_WORDS] = {{JSON_ARRAY, "an array of strings"}, {JSON_STRING, "a string"}},
	[FIELD_CHILDREN] = {{JSON_ARRAY, "an array of objects"}, {JSON_OBJECT, "an object"}},
	[FIELD_STRINGMAP] = {{JSON_OBJECT, "an object of strings"}, {JSON_STRING, "a string"}},
	[FIELD_CHILDMAP] = {{JSON_OBJECT, "an object of objects"}, {JSON_OBJECT, "an object"}},
};

struct decode_type decode_type(enum field_kind kind, bool entry)
{
	return entry ? types[kind].entry : types[kind].whole;
}

static int quoted(const struct json_value *value)
{
	return (int)(value->length < QUOTE_MAX ? value->length : QUOTE_MAX);
}

/* How to write what was expected, for the ways in which it is usually missed; NULL when that is
 * plain. */
static const char *type_hint(enum json_type want, enum json_type got)
{
	if (want == JSON_NUMBER && got == JSON_STRING)
		return "write the number itself, without quotes and unit";
	if (want == JSON_BOOLEAN && got == JSON_STRING)
		return "write true or false without quotes";
	if (want == JSON_STRING && (got == JSON_NUMBER || got == JSON_BOOLEAN))
		return "write it in double quotes";
	if (want == JSON_ARRAY && got != JSON_OBJECT)
		return "write it in brackets: [...]";
	return NULL;
}

int decode_check_type(
	struct json_reader *reader, struct decode_type want, const struct json_value *value)
{
	struct error *err = reader->err;
	const char *hint = type_hint(want.type, value->type);

	if (value->type == want.type)
		return 0;
	if (value->type == JSON_STRING)
		error_set(err, ERROR_CONFIG_TYPE, 0, "expected %s, got the string \"%.*s\"",
			want.words, quoted(value), value->text);
	else if (value->type == JSON_NUMBER)
		error_set(err, ERROR_CONFIG_TYPE, 0, "expected %s, got the number %.*s", want.words,
			quoted(value), value->text);
	else if (value->type == JSON_BOOLEAN)
		error_set(err, ERROR_CONFIG_TYPE, 0, "expected %s, got %s", want.words,
			value->boolean ? "true" : "false");
	else
		error_set(err, ERROR_CONFIG_TYPE, 0, "expected %s, got %s", want.words,
			value->type == JSON_NULL             ? "null"
				: value->type == JSON_OBJECT ? "an object"
							     : "an array");
	if (value->type == JSON_STRING || value->type == JSON_NUMBER)
		error_value(err, "%.*s", quoted(value), value->text);
	if (hint != NULL)
		error_hint(err, "%s", hint);
	return -EINVAL;
}

/* Sign and magnitude of a number's text; -EINVAL when it is no integer, -ERANGE when it has more
 * than 64 bits. */
static int integer_read(const struct json_value *value, bool *negative, uint64_t *magnitude)
{
	const char *digit = value->text, *end = value->text + value->length;

	*magnitude = 0;
	*negative = digit < end && *digit == '-';
	for (digit += *negative; digit < end; digit++) {
		if (*digit < '0' || *digit > '9')
			return -EINVAL;
	}
	for (digit = value->text + *negative; digit < end; digit++) {
		if (__builtin_mul_overflow(*magnitude, 10, magnitude) ||
			__builtin_add_overflow(*magnitude, (uint64_t)(*digit - '0'), magnitude))
			return -ERANGE;
	}
	return 0;
}

static int integer_fraction(struct error *err, const struct json_value *value)
{
	error_set(err, ERROR_CONFIG_TYPE, 0, "expected an integer, got the number %.*s",
		quoted(value), value->text);
	error_value(err, "%.*s", quoted(value), value->text);
	error_hint(err, "write it without fraction and exponent");
	return -EINVAL;
}

static int signed_decode(struct error *err, const struct field *field,
	const struct json_value *value, int64_t *number)
{
	uint64_t magnitude;
	bool negative;
	int status = integer_read(value, &negative, &magnitude);

	if (status == -EINVAL)
		return integer_fraction(err, value);
	if (magnitude > (uint64_t)INT64_MAX + negative)
		status = -ERANGE;
	*number = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	if (status == 0 && *number >= field->low && *number <= field->high)
		return 0;
	error_set(err, ERROR_CONFIG_RANGE, ERANGE,
		"%.*s is out of range: expected %" PRId64 " to %" PRId64, quoted(value),
		value->text, field->low, field->high);
	error_value(err, "%.*s", quoted(value), value->text);
	return -ERANGE;
}

static int unsigned_decode(struct error *err, const struct field *field,
	const struct json_value *value, uint64_t *number)
{
	bool negative;
	int status = integer_read(value, &negative, number);

	if (status == -EINVAL)
		return integer_fraction(err, value);
	if (status == 0 && !(negative && *number > 0) && *number >= field->ulow &&
		*number <= field->uhigh)
		return 0;
	error_set(err, ERROR_CONFIG_RANGE, ERANGE,
		"%.*s is out of range: expected %" PRIu64 " to %" PRIu64, quoted(value),
		value->text, field->ulow, field->uhigh);
	error_value(err, "%.*s", quoted(value), value->text);
	return -ERANGE;
}

static int word_decode(struct error *err, const struct field *field, const struct json_value *value,
	int64_t *number)
{
	const struct name *name = NULL;
	const char *nearest;
	char word[64];

	if (value->length < sizeof(word)) {
		memcpy(word, value->text, value->length);
		word[value->length] = '\0';
		name = names_find(field->words, word);
	}
	if (name != NULL) {
		*number = name->value;
		return 0;
	}
	error_set(err, ERROR_CONFIG_WORD, 0, "invalid %s \"%.*s\"", field->words->title,
		quoted(value), value->text);
	error_value(err, "%.*s", quoted(value), value->text);
	nearest = value->length < sizeof(word) ? names_nearest(field->words, word) : NULL;
	if (nearest != NULL)
		error_hint(err, "did you mean \"%s\"?", nearest);
	return -EINVAL;
}

static int string_decode(struct error *err, const struct field *field,
	const struct json_value *value, const char **string, struct arena *arena)
{
	if ((field->need & FILLED) && value->length == 0)
		return error_set(err, ERROR_CONFIG_RANGE, 0, "cannot be an empty string");
	if ((field->need & ABSOLUTE) && (value->length == 0 || value->text[0] != '/')) {
		error_set(err, ERROR_CONFIG_RANGE, 0, "expected an absolute path, got \"%.*s\"",
			quoted(value), value->text);
		error_value(err, "%.*s", quoted(value), value->text);
		return -EINVAL;
	}
	*string = arena_copy(arena, value->text, value->length);
	return *string != NULL ? 0 : error_set(err, ERROR_SYSTEM, ENOMEM, "no memory is left");
}

int decode_scalar(struct json_reader *reader, const struct field *field, bool entry,
	const struct json_value *value, void *target, struct arena *arena)
{
	struct error *err = reader->err;

	if ((field->need & BLANK_IS_ABSENT) && value->type == JSON_STRING && value->length == 0 &&
		!entry)
		return 0;
	switch (field->kind) {
	case FIELD_BOOLEAN:
		*(struct maybe_bool *)target = (struct maybe_bool){true, value->boolean};
		return 0;
	case FIELD_INTEGER:
		((struct maybe_int *)target)->given = true;
		return signed_decode(err, field, value, &((struct maybe_int *)target)->value);
	case FIELD_UNSIGNED:
		((struct maybe_uint *)target)->given = true;
		return unsigned_decode(err, field, value, &((struct maybe_uint *)target)->value);
	case FIELD_WORD:
		((struct maybe_int *)target)->given = true;
		return word_decode(err, field, value, &((struct maybe_int *)target)->value);
	case FIELD_UNSIGNEDS:
		return unsigned_decode(err, field, value, target);
	case FIELD_WORDS:
		return word_decode(err, field, value, target);
	default:
		return string_decode(err, field, value, target, arena);
	}
}

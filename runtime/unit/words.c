/*
 * A list of words that grows, and the properties that annotations add to it: their names, and that
 * times have other units on the bus than in the manual.
 */
#include "runtime/unit/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000 /* microseconds */

void unit_word(struct unit_words *words, const char *word)
{
	if (words->count == words->size) {
		uint32_t size = words->size ? 2 * words->size : 32;
		const char **items = arena_alloc(words->arena, size * sizeof(*items));

		if (items && words->count > 0)
			memcpy(items, words->items, words->count * sizeof(*items));
		words->failed |= !items;
		if (!items)
			return;
		words->items = items;
		words->size = size;
	}
	words->failed |= !word;
	words->items[words->count++] = word ? word : "";
}

void unit_wordf(struct unit_words *words, const char *format, ...)
{
	char text[128];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	unit_word(words, arena_copy(words->arena, text, (size_t)length));
}

/* The number of seconds as one of microseconds, in the type of times. */
static int seconds_convert(
	const char *seconds, const char *type, struct unit_words *words, struct error *err)
{
	uint64_t micro = 0;

	if (type[1] || !strchr("ynqiuxtd", type[0]))
		return error_set(err, ERROR_CONFIG_TYPE, EINVAL,
			"expected a number of seconds, found a value of the type %s", type);
	if (seconds[0] == '-' ||
		(type[0] == 'd' ? strtod(seconds, NULL) >= 1.8e13
				: __builtin_mul_overflow(
					  strtoull(seconds, NULL, 10), (uint64_t)SECOND, &micro)))
		return error_set(err, ERROR_CONFIG_RANGE, ERANGE,
			"%s seconds are no time that systemd knows", seconds);
	if (type[0] == 'd')
		micro = (uint64_t)(strtod(seconds, NULL) * SECOND);
	unit_word(words, "t");
	unit_wordf(words, "%" PRIu64, micro);
	return 0;
}

/* True for TimeoutStopSec, false for TimeoutStopUSec and "Sec". */
static bool is_seconds(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, "Sec") == 0 && name[length - 4] >= 'a' &&
		name[length - 4] <= 'z';
}

static int name_check(const char *name, struct error *err)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (length >= 3 && name[length] == '\0')
		return 0;
	return error_set(err, ERROR_CONFIG_WORD, EINVAL,
		"\"%s\" is no property of a unit: three letters or more", name);
}

int unit_property(const char *name, const char *text, struct unit_words *words, struct error *err)
{
	struct unit_words value = {.arena = words->arena};
	int r = name_check(name, err);

	if (r == 0)
		r = unit_value(text, &value, err);
	if (r < 0)
		return r;
	words->failed |= value.failed;
	if (is_seconds(name)) {
		unit_word(
			words, arena_format(words->arena, "%.*sUSec", (int)strlen(name) - 3, name));
		return seconds_convert(value.items[1], value.items[0], words, err);
	}
	unit_word(words, name);
	for (uint32_t i = 0; i < value.count; i++)
		unit_word(words, value.items[i]);
	return 0;
}

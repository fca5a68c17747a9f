/*
 * strtoul takes signs, spaces, overflow and empty strings for numbers; an id that is read that way
 * has made runtimes run programs as root.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "nsexec/cleanup.h"
#include "runtime/number.h"

int number_parse(const char *text, uint32_t max, uint32_t *number, const char **end)
{
	const char *at = text;
	uint64_t value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > max)
			return -ERANGE;
	}
	if (at == text || (!end && *at))
		return -EINVAL;
	if (end)
		*end = at;
	*number = (uint32_t)value;
	return 0;
}

int number_option(const struct command *command, enum option_id id, uint32_t max, uint32_t *number,
	struct error *err)
{
	const char *text = command->value[id];

	if (!text || number_parse(text, max, number, NULL) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, EINVAL,
		"invalid value \"%s\" for flag -%s: not a number from 0 to %u", text,
		option_rows[id].name, max);
}

struct unit {
	const char *word;
	uint64_t factor;
};

/* Eighteen digits fit into 64 bits whatever they are. */
static int quantity_parse(
	const char *text, const struct unit *units, size_t count, uint64_t *quantity)
{
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;

	if (digits == 0 || digits > 18)
		return digits == 0 ? -EINVAL : -ERANGE;
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(rest, units[i].word) == 0)
			return __builtin_mul_overflow(
				       strtoull(text, NULL, 10), units[i].factor, quantity) ||
					*quantity > INT64_MAX
				? -ERANGE
				: 0;
	return -EINVAL;
}

int duration_parse(const char *text, int64_t *milliseconds)
{
	static const struct unit units[] = {
		{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	uint64_t quantity = 0;
	int result = quantity_parse(text, units, array_size(units), &quantity);

	if (result == 0)
		*milliseconds = (int64_t)quantity;
	return result;
}

int duration_option(
	const struct command *command, enum option_id id, int64_t *milliseconds, struct error *err)
{
	const char *text = command->value[id];

	if (!text || duration_parse(text, milliseconds) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, EINVAL,
		"invalid value \"%s\" for flag -%s: not a duration such as 30s, 5m or 1h", text,
		option_rows[id].name);
}

int size_parse(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {{"", 1}, {"b", 1}, {"k", 1ull << 10}, {"m", 1ull << 20},
		{"g", 1ull << 30}, {"t", 1ull << 40}};
	uint64_t quantity = 0;
	int result = quantity_parse(text, units, array_size(units), &quantity);

	if (result == 0)
		*bytes = quantity;
	return result;
}

int size_option(
	const struct command *command, enum option_id id, uint64_t *bytes, struct error *err)
{
	const char *text = command->value[id];

	if (!text || size_parse(text, bytes) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, EINVAL,
		"invalid value \"%s\" for flag -%s: not a size such as 64m or 1g", text,
		option_rows[id].name);
}

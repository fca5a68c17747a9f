/*
 * strtoul takes signs, spaces, overflow and empty strings for numbers; an id that is read that way
 * has made runtimes run programs as root.
 */
#include <errno.h>

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

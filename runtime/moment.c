/* A log is asked about in the words of whoever looks: "since five minutes", or what -t printed. */
#include "runtime/moment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/number.h"

#define SECOND 1000000000ull
#define EPOCH_DIGITS 10 /* of the seconds since 1970, from 2001 on */

/* The digits after a point, as nanoseconds; *end is where they end. */
static uint64_t fraction_parse(const char *text, const char **end)
{
	uint64_t value = 0, unit = SECOND / 10;

	for (; *text >= '0' && *text <= '9'; text++, unit /= 10)
		value += (uint64_t)(*text - '0') * unit;
	*end = text;
	return value;
}

/* "Z", "+01:00" or nothing: local time. False for anything else. */
static bool offset_apply(const char *text, struct tm *parts, time_t *seconds)
{
	int hours, minutes, length = 0;
	char sign;

	if (*text == '\0') {
		parts->tm_isdst = -1;
		*seconds = mktime(parts);
		return true;
	}
	*seconds = timegm(parts);
	if (strcmp(text, "Z") == 0)
		return true;
	if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &length) != 3 ||
		text[length] != '\0' || (sign != '+' && sign != '-'))
		return false;
	*seconds += (sign == '+' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

/*
 * What `date +%s` prints, which docker takes as well: ten digits or more. As a duration they would
 * lead back to before there were containers.
 */
static bool epoch_parse(const char *text, uint64_t *moment)
{
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	uint64_t fraction = 0, seconds;

	if (digits < EPOCH_DIGITS)
		return false;
	errno = 0;
	seconds = strtoull(text, NULL, 10);
	if (*rest == '.')
		fraction = fraction_parse(rest + 1, &rest);
	if (errno != 0 || seconds >= UINT64_MAX / SECOND || *rest != '\0')
		return false;
	*moment = seconds * SECOND + fraction;
	return true;
}

/* A date, perhaps with a time, perhaps with where on earth. */
static bool date_parse(const char *text, uint64_t *moment)
{
	struct tm parts = {0};
	uint64_t fraction = 0;
	const char *rest = strptime(text, "%Y-%m-%d", &parts);
	time_t seconds;

	if (rest != NULL && (*rest == 'T' || *rest == ' '))
		rest = strptime(rest + 1, "%H:%M", &parts);
	if (rest != NULL && *rest == ':')
		rest = strptime(rest, ":%S", &parts);
	if (rest != NULL && *rest == '.')
		fraction = fraction_parse(rest + 1, &rest);
	if (rest == NULL || !offset_apply(rest, &parts, &seconds) || seconds < 0)
		return false;
	*moment = (uint64_t)seconds * SECOND + fraction;
	return true;
}

int moment_option(
	const struct command *command, enum option_id id, uint64_t *moment, struct error *err)
{
	const char *text = command->value[id];
	struct timespec now;
	int64_t ago;

	if (!text || date_parse(text, moment) || epoch_parse(text, moment))
		return 0;
	if (duration_parse(text, &ago) < 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"invalid value \"%s\" for flag -%s: neither a duration such as 5m nor a "
			"time such as 2026-01-02T15:04:05Z",
			text, option_rows[id].name);
	clock_gettime(CLOCK_REALTIME, &now);
	*moment = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	*moment = *moment > (uint64_t)ago * (SECOND / 1000)
		? *moment - (uint64_t)ago * (SECOND / 1000)
		: 1;
	return 0;
}

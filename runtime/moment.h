/* Moments that a person names on the command line. */
#pragma once

#include "runtime/verb/verbs.h"

/*
 * The moment given as an option's value, in ns since 1970: a duration (how long ago), RFC 3339
 * ("2026-01-02T15:04:05Z", "2026-01-02T15:04:05.5+01:00", "2026-01-02T15:04", "2026-01-02", without
 * an offset in local time), or the seconds since 1970 ("1767366245.5"), of ten digits and more.
 * Unchanged when the option is not given. 0, or -EINVAL with err.
 */
int moment_option(
	const struct command *command, enum option_id id, uint64_t *moment, struct error *err);

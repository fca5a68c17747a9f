/* Numbers that a person or an engine wrote on the command line. */
#pragma once

#include "runtime/verb/verbs.h"

#define PRESERVE_FDS_MAX 1024 /* --preserve-fds: more than that is a mistake */

/*
 * A decimal number of only digits, at most max (CVE-2016-3697, CVE-2026-30892: a partly numeric
 * word is no number). *end, if not NULL, receives where the digits end; else they must be all there
 * is. Returns 0, -EINVAL or -ERANGE. Pure.
 */
int number_parse(const char *text, uint32_t max, uint32_t *number, const char **end);

/* The number given as an option's value; unchanged when the option is not given. 0, or -EINVAL with
 * err. */
int number_option(const struct command *command, enum option_id id, uint32_t max, uint32_t *number,
	struct error *err);

/*
 * A duration: a number with the unit ms, s, m, h or d; without one, seconds. Returns 0, or -EINVAL
 * or -ERANGE. Pure.
 */
int duration_parse(const char *text, int64_t *milliseconds);

/* The duration given as an option's value; unchanged when the option is not given. 0, or -EINVAL
 * with err. */
int duration_option(
	const struct command *command, enum option_id id, int64_t *milliseconds, struct error *err);

/* A size in bytes, with the unit b, k, m, g or t (1024 each) or without. Returns 0, -EINVAL or
 * -ERANGE. Pure. */
int size_parse(const char *text, uint64_t *bytes);

/* The same for an option's value; unchanged when the option is not given. 0, or -EINVAL with err.
 */
int size_option(
	const struct command *command, enum option_id id, uint64_t *bytes, struct error *err);

/* Numbers that a person or an engine wrote on the command line. */
#pragma once

#include "runtime/verbs.h"

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

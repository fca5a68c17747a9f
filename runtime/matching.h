/* The containers that a command is about: those that it names, or with --regex all whose id
 * matches. */
#pragma once

#include "runtime/verb/verbs.h"

/*
 * Calls visit with each id that the first words of the command mean: the words themselves, or with
 * --regex the ids that one of them, an extended regular expression, matches. All are visited; the
 * first failure is returned with err, later ones are reported at once. -EINVAL with err for a
 * broken expression.
 */
int matching_each(const struct command *command, int words,
	int (*visit)(const struct command *command, const char *id, struct error *err),
	struct error *err);

/*
 * --timeout before a verb: the time that the whole verb may take. When it is over the verb is
 * stopped wherever it is, what it was about to make is taken back, and the error says what was done
 * last. Every wait has a bound of its own anyway; this one is for whoever knows better.
 */
#pragma once

#include "runtime/verb/verbs.h"

/*
 * Begins, the option being given. A process beside this one looks at the clock from now on; it ends
 * with this one. wait and exec have a --timeout of their own and refuse this one. Returns 0 or
 * -errno with err.
 */
int bound_begin(const struct command *command, struct error *err);

/*
 * The signal that stops the verb, which is not to be passed on to a program; 0 when there is no
 * bound.
 */
int bound_signal(void);

/* From now on the container is this verb's to take back. */
void bound_own(const char *id);

/* What has been done last (a text that stays): for the error. */
void bound_note(const char *done);

/* `exec ls` and `exec kill`: the commands of `exec --leaf` that still run in a container. */
#pragma once

#include "runtime/verb/verbs.h"

/* Whether the words of an exec are "ls ID" or "kill ID SESSION [SIGNAL]"; a container that is
 * called ls or kill is asked first. */
bool sessions_meant(const struct command *command);

/*
 * Carries them out: prints a table, or with --format json an object "mydocker.sessions/1"; or sends
 * the signal (default KILL) to every process of the session, and with KILL waits until they are
 * gone, 10 s at most. Returns 0 or -errno with err.
 */
int sessions_run(const struct command *command, struct error *err);

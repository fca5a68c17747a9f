/* `events` without an id: what happens to all containers. */
#pragma once

#include "runtime/verb/verbs.h"

/*
 * Prints the journal's lines as they come, those before only as --since asks, and with --no-stream
 * no later ones. Makes the journal. Ends when nobody reads any more. Returns 0 or -errno with err.
 */
int journal_follow(const struct command *command, struct error *err);

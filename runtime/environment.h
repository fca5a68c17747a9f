/* The environment of a process, as --env and --env-file change it. */
#pragma once

#include "runtime/verb/verbs.h"
#include "spec/arena.h"
#include "spec/table.h"

/*
 * Adds the variables of every --env-file, then of every --env, to the list; one that is there
 * already is replaced. NAME alone takes the value of our own environment, and is left out when it
 * has none. A file has one NAME=VALUE a line; blanks in front of it, empty lines and those that
 * begin with # do not count. Returns 0 or -errno with err.
 */
int environment_change(struct arena *arena, struct string_list *environment,
	const struct command *command, struct error *err);

/* The time that an exec'd command may take. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/error.h"

/*
 * Leaves a process behind that, unless the process behind pidfd has ended within milliseconds,
 * kills it and all its descendants (not those that have left it to the container's first process
 * before), or all that are in the cgroup, a directory of version 2 that is its own; NULL: it has
 * none. *told: a pipe that has a byte in it then; the caller closes it. Returns 0 or -errno with
 * err.
 */
int deadline_begin(pid_t pid, int pidfd, const char *cgroup, int64_t milliseconds, int *told,
	struct error *err);

/* Whether it has come to that. */
bool deadline_was_missed(int told);

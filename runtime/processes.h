/* The processes of one container, read from its cgroup and /proc. */
#pragma once

#include "runtime/verb/verbs.h"

/*
 * Prints the processes of container command->argv[0]: a table (PID on the host, CPID inside, USER,
 * TIME of the CPUs, ELAPSED, COMMAND), or with --format json the array of host pids alone, or with
 * --quiet one pid a line; these two may also stand after the id. "-o pid,cpid,user,time,etime,args,
 * mem,cpu" after the id chooses columns; other options for a host's ps are accepted there, since
 * engines pass them, and change nothing.
 * Returns 0 or -errno with err.
 */
int processes_print(const struct command *command, struct error *err);

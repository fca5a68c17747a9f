/* The monitor of a detached container: collects its output, records how it ended. One per `run -d`.
 */
#pragma once

#include <sys/types.h>

#include "state/record.h"

struct monitor_pipes {
	int out, err; /* read ends of the container's stdout and stderr */
};

/*
 * The monitor's life after the container runs: its own session, nothing of the caller's open,
 * copies the pipes into container.log (and container.log.idx), waits for the process, writes
 * exit.json. Never returns.
 *
 * Runs in a child of fork that is the parent of pid: nobody else can learn how that process ended,
 * and exit.json then tells neither code nor signal. The lock that container->dir may hold is given
 * up. Arenas should be freed before.
 */
__attribute__((noreturn)) void monitor_live(
	struct container *container, pid_t pid, int pidfd, const struct monitor_pipes *pipes);

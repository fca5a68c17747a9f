/* The monitor of a detached container: collects its output, records how it ended. One per `run -d`. */
#pragma once

#include <sys/types.h>

#include "state/record.h"

struct monitor_pipes {
	int out, err; /* read ends of the container's stdout and stderr */
};

/*
 * The monitor's life after the container runs: its own session, nothing of the caller's open, copies the pipes into
 * container.log (and container.log.idx), waits for the process, writes exit.json. Never returns.
 */
__attribute__((noreturn)) void monitor_live(struct container *container, pid_t pid, int pidfd,
	const struct monitor_pipes *pipes);

/* How a container ended: waiting for it, and who may know. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "state/record.h"

struct ending {
	bool known;
	int code; /* the program's exit code, or 128 and the signal that ended it */
};

/* A container whose end is awaited. */
struct awaited {
	const struct container *container;
	int init;    /* pidfd of its first process; -1: it had ended when we came */
	int monitor; /* pidfd of its monitor; -1: none lives */
	pid_t pid;   /* of its first process */
	uint64_t start;
};

/*
 * Takes hold of both processes, so that what is told about their end later is about them. Of
 * several containers, all are opened before the first is awaited. awaited_close in any case.
 */
void awaited_open(struct awaited *awaited, const struct container *container,
	const struct spec_record *record);

void awaited_close(struct awaited *awaited);

/*
 * Waits until the container has ended, and tells how: from exit.json; from the kernel, which keeps
 * a process's status until its parent has taken it, and since Linux 6.15 for whoever held a pidfd
 * (PIDFD_GET_INFO); or it is not known. deadline: in CLOCK_MONOTONIC's milliseconds, -1: none.
 * Returns 0, or -ETIMEDOUT, ERROR_TIMEOUT.
 */
int ending_await(
	const struct awaited *awaited, int64_t deadline, struct ending *ending, struct error *err);

/*
 * Asks the kernel how a process that is nobody's child here has ended: as long as it is a zombie,
 * and later by a pidfd from before. *status is as wait(2) reports it. False when it is not known.
 */
bool ending_ask(pid_t pid, uint64_t start, int pidfd, int *status);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t moment_now(void);

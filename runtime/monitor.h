/* The monitor of a detached container: collects its output, records how it ended. `run -d` leaves
 * one, `monitor` another when that was killed. */
#pragma once

#include <sys/types.h>
#include <time.h>

#include "state/record.h"

struct monitor_pipes {
	int out, err; /* read ends of the container's stdout and stderr */
};

/* What `run -d` was asked to do with the output, and at the end. */
struct monitor_options {
	uint64_t log_size;  /* bytes of one log, 0: no limit */
	uint32_t log_files; /* how many are kept, at least one */
	bool block;         /* a full disk makes the container wait instead of losing its output */
	bool remove;        /* the container goes when it has ended */
	const char *root;   /* state root, absolute: to remove it from */
	uint64_t out_pipe;  /* inodes of the pipes, by which they are found again */
	uint64_t err_pipe;
	struct timespec started; /* the container's program; zero: now */
};

/* The options as members of the record, for the next monitor, and back. What is no option is left
 * as it is. */
void monitor_options_keep(const struct monitor_options *options, struct spec_record *record);
void monitor_options_recall(const struct spec_record *record, struct monitor_options *options);

/*
 * The monitor's life after the container runs: its own session, nothing of the caller's open,
 * copies the pipes into container.log (and container.log.idx), waits for the process, writes
 * exit.json, and removes the container when that was asked for. Never returns.
 *
 * Runs in a child of fork, best of all the parent of pid: anybody else learns from the kernel how
 * that process ended only while it is a zombie, or since Linux 6.15; exit.json then tells neither
 * code nor signal. The lock that container->dir may hold is given up. Arenas should be freed
 * before.
 */
__attribute__((noreturn)) void monitor_live(struct container *container, pid_t pid, int pidfd,
	const struct monitor_pipes *pipes, const struct monitor_options *options);

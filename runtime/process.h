/* One process, as /proc shows it to the host. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/arena.h"

#define COMMAND_MAX 4096

struct process {
	pid_t pid, parent, group, session;
	int inner; /* its pid in the innermost namespace */
	char state;
	int terminal;         /* its device number, or 0 */
	pid_t terminal_group; /* which of its process groups is in the foreground */
	long nice, threads;
	unsigned int uid;
	unsigned long long cpu, start; /* clock ticks; start since boot */
	uint64_t memory;               /* bytes, resident */
	char command[COMMAND_MAX];
};

/* Reads what /proc tells about pid. False when there is no such process. */
bool process_read(struct process *process, pid_t pid);

/* The time that it has been running, "01:02:03", and the time that it has had a CPU, with days
 * before them when there are any. In arena. */
const char *process_elapsed(const struct process *process, struct arena *arena);
const char *process_cpu(const struct process *process, struct arena *arena);

/* The second divided by the first: "12.3" per cent of one CPU, and "12", at most 99. In arena. */
const char *process_share(const struct process *process, struct arena *arena);
const char *process_load(const struct process *process, struct arena *arena);

/* As ps(1) has them: when it began, "12:34" of today or "Nov27"; its terminal, "pts/0" or "?"; its
 * state, "Ss+". In arena. */
const char *process_begin(const struct process *process, struct arena *arena);
const char *process_terminal(const struct process *process, struct arena *arena);
const char *process_state(const struct process *process, struct arena *arena);

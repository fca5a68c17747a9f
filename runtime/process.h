/* One process, as /proc shows it to the host. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/arena.h"

#define COMMAND_MAX 4096

struct process {
	pid_t pid;
	int inner; /* its pid in the innermost namespace */
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

/* The second divided by the first: "12.3" per cent of one CPU. In arena. */
const char *process_share(const struct process *process, struct arena *arena);

/* The life of one process, as the kernel tells of it: when it began, whether it goes on, how it
 * ended. Its pid and the time of its beginning name it for as long as the host is up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LIFE_NAME 16 /* bytes of a program's name that the kernel keeps, with the NUL */

/* What counts of /proc/PID/stat, by the numbers of proc(5). */
struct life {
	char name[LIFE_NAME]; /* 2: of the program that it executes */
	char state;           /* 3 */
	pid_t parent;         /* 4 */
	uint64_t flags;       /* 9 */
	uint64_t threads;     /* 20 */
	uint64_t start;       /* 22: clock ticks since the host was booted */
	uint64_t memory;      /* 23: bytes, 0 when it has been given up */
	int status;           /* 52: as wait(2) reports it; CAP_SYS_PTRACE to see anything */
};

/* Reads it, of a zombie as well. 0, or -ESRCH. */
int life_read(pid_t pid, struct life *life);

/* Whether it is a process still: no zombie, nor one on its way there that takes no signal any
 * more. */
bool life_goes_on(const struct life *life);

/* Start time of a process that lives. 0, or -ESRCH. */
int process_start_time(pid_t pid, uint64_t *start);

/*
 * A pidfd of exactly the process that has this pid and start time (checked after opening) and
 * lives, or -ESRCH. The caller closes it.
 */
int process_open(pid_t pid, uint64_t start);

/*
 * The signal that ended a process, if it is a zombie that was ended by one before it executed
 * program (the last part of its path, from which the kernel names who executes it); else 0, which
 * is also the answer when it is gone and nobody can know. CAP_SYS_PTRACE to see anything.
 */
int process_killed_before(pid_t pid, uint64_t start, const char *program);

/* True when the process was killed and has not ended yet: SIGKILL waits for it, or it is already on
 * its way out. */
bool process_is_dying(pid_t pid);

/*
 * The beginning of a small file of the kernel's, NUL-terminated; its length or -errno. Asked again,
 * for 63 ms at most, when the host is short of memory or files for a moment.
 */
ssize_t kernel_file_read(const char *path, char *text, size_t size);

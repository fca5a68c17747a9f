/* What is true about a container now: asked of the kernel, never of the record's status. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "state/record.h"

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

/* "created" and so on, as `state` prints it. */
const char *status_word(enum status status);

/*
 * Derives the status: no init yet -> creating (or stopped when the creator is dead: a leftover);
 * dead, zombie or another start time -> stopped; still the gate's image, or none was recorded,
 * while the creator lives -> creating; frozen -> paused; still the gate's image -> created; else
 * running. About six system calls.
 */
enum status status_derive(const struct spec_record *record);

/* Start time (field 22 of /proc/PID/stat) of a live process that is no zombie. 0, or -ESRCH. */
int process_start_time(pid_t pid, uint64_t *start);

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
 * A pidfd of exactly the process that has this pid and start time (checked after opening), or
 * -ESRCH. The caller closes it.
 */
int process_open(pid_t pid, uint64_t start);

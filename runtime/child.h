/* Waiting for children that have ended, or are about to. */
#pragma once

#include <sys/types.h>

/*
 * Waits until a child has ended; *pid becomes 0. Returns its wait status; 0 when there is none, or
 * when it has not ended in time, as a process may that waits inside the kernel for a filesystem.
 */
int child_reap(pid_t *pid);

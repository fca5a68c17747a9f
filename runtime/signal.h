/* Signals to a container's processes. */
#pragma once

#include "state/status.h"

/* The number of a signal that was given by name or number. Returns 0, or -EINVAL, ERROR_USAGE. */
int signal_read(const char *word, int *number, struct error *err);

/*
 * Sends a signal to the container's first process, with all to every one. SIGKILL reaches every
 * process wherever they do not die with the first, and thaws a paused container. Returns 0;
 * ERROR_STATUS when it is still being created or has no process any more (-ESRCH).
 */
int container_signal(const struct spec_record *record, int signal, bool all, struct error *err);

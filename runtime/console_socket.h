/* --console-socket: who takes the terminal's master when we do not stay. */
#pragma once

#include <stdbool.h>

#include "spec/spec.h"

/*
 * Checks that a socket (path, or NULL) is given exactly when the process (of spec or exec's own,
 * may be NULL) has a terminal and we detach from it, and connects to it: *fd, or -1 when there is
 * none. Returns 0 or -errno with err.
 */
int console_socket_use(bool detach, const struct spec *spec, const struct spec_process *process,
	const char *path, int *fd, struct error *err);

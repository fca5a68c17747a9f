/* Sockets that systemd opened for us, on their way to the container's program. */
#pragma once

#include "spec/spec.h"

/*
 * When LISTEN_PID is this process: *count becomes LISTEN_FDS, and process (may be NULL) gets
 * LISTEN_FDS and LISTEN_PID=1 in its environment. Else nothing is done. Returns 0 or -errno with
 * err.
 */
int activation_pass(
	struct arena *arena, struct spec_process *process, uint32_t *count, struct error *err);

/* How the listener of a seccomp filter reaches its agent, whatever the filter forbids. */
#pragma once

#include "nsexec/gate.h"

/*
 * Before the filter: starts the thread that will send. Returns 0, or -errno through gate_failed.
 */
int notify_begin(struct gate *gate, const struct step_seccomp *s);

/*
 * After the filter: gives the listener's descriptor to the thread, and returns without a system
 * call once the agent has it and the connection is closed. When it cannot be sent, the process
 * ends: the thread reports that.
 */
void notify_end(int listener);

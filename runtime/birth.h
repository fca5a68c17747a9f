/* The gate's birth: one clone into whatever it is born in, and the exec of its image. */
#pragma once

#include "runtime/walk_state.h"

/*
 * Clones and executes the gate as the plan's clone step says; fills walk->wire, pid, pidfd and
 * image. fds: the slots, of which those that the clone needs are opened. Returns 0 or -errno with
 * err; a failed exec arrives as the gate's failure on the wire.
 */
int birth_give(struct walk *walk, const struct step_clone *clone, int *fds, struct error *err);

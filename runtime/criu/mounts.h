/* The mounts of a container that lead outside it: CRIU leaves them out of the images, under a name,
 * and is told when it restores what that name stands for by then. */
#pragma once

#include "runtime/criu/protobuf.h"
#include "runtime/plan/compile.h"

/*
 * Adds them to CRIU's options, for a dump: from the plan that the container was made by, as it sees
 * them. root: a descriptor of its root, as its first process has it.
 */
void criu_mounts_dump(
	struct protobuf *options, const struct plan *plan, int root, struct arena *arena);

/* The same for a restore: from the new plan. root: of the root filesystem. */
void criu_mounts_restore(
	struct protobuf *options, const struct plan *plan, int root, struct arena *arena);

/*
 * Makes the mount points that the plan needs and the root filesystem lacks, as the gate would:
 * CRIU expects them to be there. In a mount namespace of its own, since there are mount points
 * below mounts. Returns 0 or -errno with err.
 */
int criu_mounts_prepare(const struct plan *plan, const char *rootfs, struct error *err);

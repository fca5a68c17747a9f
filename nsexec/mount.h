/* The parts of the mount step: mount.c decides and finishes, mount_bind.c and mount_new.c make. */
#pragma once

#include <stdint.h>

struct gate;
struct step_mount;

/*
 * Resolves the step's target, making it as a directory or an empty file (type: S_IFDIR, S_IFREG) if
 * it is missing. *made, if not NULL, tells that it was. Returns an O_PATH descriptor or -errno
 * through gate_failed.
 */
int mount_target(struct gate *gate, const struct step_mount *s, unsigned int type, int *made);

/* Attaches a detached mount. Returns 0, or -errno through gate_failed with path as detail. */
int mount_attach(struct gate *gate, int mount, int target, const char *path);

/*
 * Gives an attached mount what the step says: the attributes in set and those to clear (at: 0, or
 * AT_RECURSIVE), the recursive ones, propagation. *mount (any descriptor of its root) is taken over
 * when it is the container's new root. Returns 0, or -errno through gate_failed.
 */
int mount_finish(
	struct gate *gate, const struct step_mount *s, int *mount, unsigned int at, uint64_t set);

/* The three kinds. Each returns 0, or -errno through gate_failed. */
int mount_bind(struct gate *gate, const struct step_mount *s);
int mount_new(struct gate *gate, const struct step_mount *s);
int mount_again(struct gate *gate, const struct step_mount *s);

/*
 * mount_bind with another source than the step's (a host path). at: AT_RECURSIVE to clone the whole
 * subtree and to give all of it the step's attributes; 0: as the step says.
 */
int mount_bind_source(
	struct gate *gate, const struct step_mount *s, const char *source, unsigned int at);

/*
 * Makes the mounts read-only that had to stay writable until devices were made
 * (PLAN_MOUNT_READONLY_LATE). Returns 0, or -errno through gate_failed.
 */
int mount_late(struct gate *gate);

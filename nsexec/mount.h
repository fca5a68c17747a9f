/* The parts of the mount step: mount.c decides and finishes, mount_bind.c and mount_new.c make. */
#pragma once

#include <stdint.h>

struct gate;
struct step_mount;

/*
 * Where a mount goes: the file that fd is, or, if name is not "", the one part of this name
 * directly below fd, which has just been made.
 */
struct mount_place {
	int fd;
	const char *name;
	int made;  /* the target was missing */
	int owned; /* fd again, if it is to be closed with the place, else -1 */
};

#define auto_place __attribute__((cleanup(mount_place_leave)))
#define MOUNT_PLACE_NONE \
	{ \
		.fd = -1, .name = "", .owned = -1 \
	}

void mount_place_leave(struct mount_place *place);

/*
 * Finds the step's target, and makes it as a directory or an empty file (type: S_IFDIR, S_IFREG) if
 * it is missing. place is MOUNT_PLACE_NONE before. Returns 0, or -errno through gate_failed.
 */
int mount_place_find(struct gate *gate, const struct step_mount *s, unsigned int type,
	struct mount_place *place);

/* Attaches a detached mount. Returns 0, or -errno through gate_failed with path as detail. */
int mount_attach(struct gate *gate, int mount, const struct mount_place *place, const char *path);

/* The same onto a file that is open. */
int mount_attach_on(struct gate *gate, int mount, int target, const char *path);

/*
 * Gives an attached mount what the step says: its attributes (at: 0, or AT_RECURSIVE), the
 * recursive ones, propagation. *mount (any descriptor of its root) is taken over when it is the
 * container's new root, or has to become read-only later. Returns 0, or -errno through gate_failed.
 */
int mount_finish(struct gate *gate, const struct step_mount *s, int *mount, unsigned int at);

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

/* This mount is to stay writable after all. */
void mount_late_forget(struct gate *gate, int mount);

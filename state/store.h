/*
 * The memory: one directory per container under the state root, and the rules by which it is
 * entered.
 *
 *   <root>/<id>/   0700   config.json bundle.json container.log exit.json door
 *
 * The directory is the id's reservation (mkdir decides who wins), its flock is the container's
 * lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "spec/error.h"

#define STORE_ROOT "/var/run/mydocker"
#define CONTAINER_ID_MAX 1024

/* The directory of one container, entered. Zero-initialise with CONTAINER_NONE. */
struct container {
	int root; /* O_PATH of the state root; -1 when entered for reading by container_enter_at */
	int dir;  /* of the container's directory; its flock is the lock */
	char id[CONTAINER_ID_MAX + 1];
};
#define CONTAINER_NONE ((struct container){.root = -1, .dir = -1})

/* 0 when id is [A-Za-z0-9_+-][A-Za-z0-9_+.-]{0,1023}; else -EINVAL with err filled. */
int container_id_check(const char *id, struct error *err);

/*
 * The state root to use: given when not NULL, else STORE_ROOT, or $XDG_RUNTIME_DIR/mydocker for
 * a caller who is not root on the host (or when that variable is set inside a user namespace).
 * Writes to buffer.
 */
int store_root(const char *given, char *buffer, size_t size, struct error *err);

/*
 * Reserves an id: makes the root (0700) and the directory, takes the lock. Exactly one of several
 * callers wins; the others get -EEXIST, ERROR_EXISTS. container->dir stays -1 unless it is ours;
 * container_leave in any case.
 */
int container_reserve(
	struct container *container, const char *root, const char *id, struct error *err);

/* Enters an existing directory without taking the lock. -ENOENT: ERROR_NOT_FOUND "container does
 * not exist". */
int container_enter(
	struct container *container, const char *root, const char *id, struct error *err);

/* The same below an open root, for reading only: container->root stays -1. For the visitors of
 * store_each. */
int container_enter_at(struct container *container, int root_fd, const char *id, struct error *err);

/*
 * Takes the lock, waiting at most milliseconds. -EBUSY when it is held for longer; -ENOENT,
 * ERROR_NOT_FOUND, when the container was removed meanwhile.
 */
int container_lock(struct container *container, int milliseconds, struct error *err);

/* Gives the lock up without leaving: container_lock tells later whether the container still exists.
 */
void container_unlock(const struct container *container);

/* Fills err with ERROR_NOT_FOUND, in the words that engines look for. Returns -ENOENT. */
int container_missing(const char *id, struct error *err);

/* True when somebody else holds the lock now or within 20 ms, or has removed the directory under
 * us: the container is being made, started or removed. */
bool container_is_busy(const struct container *container);

/*
 * Removes the directory and everything in it, the record last; never follows a symlink, never
 * leaves it for another filesystem. A directory that is gone already is fine. The lock should be
 * held.
 */
int container_remove(struct container *container, struct error *err);

/* Closes; releases the lock, unless a child of fork still has the descriptor: then when that closes
 * too. */
void container_leave(struct container *container);

/*
 * Calls visit for each container directory of the root, in name order; stops at its first nonzero
 * result and returns it. A root that does not exist has no containers. Nothing is made. root_fd
 * stays the store's.
 */
int store_each(const char *root, int (*visit)(const char *id, int root_fd, void *context),
	void *context, struct error *err);

/* What a mount can be told after it is attached: MOUNT_ATTR_* and its propagation. */
#pragma once

#include <stdint.h>

#include "nsexec/plan.h"

struct gate;

/*
 * Sets and clears MOUNT_ATTR_* on the mount that fd (any descriptor of its root) is in; other
 * attributes stay as they are. at: 0, or AT_RECURSIVE for the whole subtree. mount_setattr(2), or
 * mount(2) with MS_REMOUNT|MS_BIND, mount by mount, where it is missing. Returns 0, or -errno
 * through gate_failed with `path` as detail.
 */
int attributes_set(
	struct gate *gate, int fd, unsigned int at, uint64_t set, uint64_t clear, const char *path);

/* Sets the propagation: MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, with MS_REC for the
 * subtree. Returns as above. */
int propagation_set(struct gate *gate, int fd, uint64_t flags, const char *path);

/* Like both, for a list of words of the specification ("rprivate"), in order. */
int propagation_set_words(struct gate *gate, int fd, plan_list words, const char *path);

/* Maps the ids of a mount that is not attached yet. users: a user namespace; at as above. Returns
 * as above. */
int attributes_map(struct gate *gate, int fd, unsigned int at, int users, const char *path);

/* The MS_* flags for mount(2) that say the same as these MOUNT_ATTR_*. Pure. */
unsigned long attributes_classic(uint64_t set);

/*
 * mount(2) with a descriptor as its target, by way of a procfs that can be trusted. data, type and
 * source may be NULL. Returns 0 or -errno.
 */
int mount_classic(struct gate *gate, const char *source, int target, const char *type,
	unsigned long flags, const char *data);

/* A cgroup with everything below it. Only runtime/cgroup/ includes this. */
#pragma once

#include <stdint.h>

#include "spec/arena.h"

/* A growing list of paths in an arena. */
struct cgroup_tree {
	struct arena *arena;
	uint32_t count, size;
	const char **paths; /* a directory stands before those below it */
};

/*
 * Fills the tree with the directory and all below it. One that vanishes meanwhile is left out.
 * Returns 0, -ENOENT when the directory itself is not there, or -errno.
 */
int cgroup_tree_read(struct cgroup_tree *tree, const char *directory);

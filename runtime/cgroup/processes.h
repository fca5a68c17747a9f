/* The processes of one cgroup and those below it. Only runtime/cgroup/ includes this. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "spec/arena.h"
#include "state/record.h"

struct cgroup_pids {
	struct arena *arena;
	uint32_t count, size;
	pid_t *items;
};

/* Fills pids, sorted, each once, from the directory and all below it. 0, also when it is not there;
 * or -errno. */
int cgroup_pids_read(struct cgroup_pids *pids, const char *directory);

/* The directory to ask about the processes of a container: one that we made, else one that was
 * there before; NULL when none is known to be. */
const char *cgroup_own_directory(const struct spec_cgroup_directory_list *directories);

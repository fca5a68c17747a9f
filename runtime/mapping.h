/* User and group ids of a user namespace, and the offsets of a time namespace, written from outside
 * for the gate. */
#pragma once

#include <sys/types.h>

#include "nsexec/plan.h"
#include "spec/spec.h"

/*
 * Writes what a map step says for the process pid: setgroups, uid_map, gid_map, timens_offsets
 * (proc(5), user_namespaces(7), time_namespaces(7)). Maps that we have no privilege to write are
 * given to newuidmap and newgidmap. Returns 0 or -errno with err; its pointer is there when it is
 * the groups' or the clocks', not when it is the users'.
 */
int mapping_write(const struct plan *plan, const struct step_map *map, const struct spec *spec,
	pid_t pid, struct error *err);

/*
 * A user namespace that exists only as a descriptor, for an id-mapped mount. maps: the lines of
 * uid_map, an empty line, the lines of gid_map. *fd is close-on-exec, the caller's. Returns 0 or
 * -errno with err.
 */
int mapping_namespace(const char *maps, int *fd, struct error *err);

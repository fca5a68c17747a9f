/* Where the cgroup of a unit of systemd lies. Pure. */
#pragma once

#include <stdbool.h>

#include "runtime/cgroup/cgroup.h"

/* True for a linux.cgroupsPath in systemd's form, SLICE:PREFIX:NAME: two colons and no slash. */
bool unit_path_is(const char *path);

/*
 * Fills the place of the scope PREFIX-NAME.scope in the slice: path is linux.cgroupsPath (NULL:
 * ":mydocker:ID"; an empty slice is system.slice, or user.slice of the caller's own manager). base
 * is the manager's own cgroup, "" for the root. On failure err has the value; the pointer is the
 * caller's to add. Returns 0 or -errno.
 */
int unit_place(const struct cgroup_host *host, bool user, const char *base, const char *path,
	const char *id, struct arena *arena, struct cgroup_place *place, struct error *err);

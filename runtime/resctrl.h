/*
 * Shares of caches and memory buses: groups of the resctrl filesystem (config-linux.md, IntelRdt;
 * the kernel's Documentation/filesystems/resctrl.rst).
 */
#pragma once

#include "spec/spec.h"
#include "state/record.h"

/* The container's groups: absolute directories, in an arena. */
struct resctrl_place {
	const char *group;   /* NULL: the configuration asks for none */
	const char *monitor; /* NULL: no monitoring group */
};

/*
 * Where the groups of a container are (to be). Looks for the mounted filesystem only when the
 * configuration asks for it; -EOPNOTSUPP with err and pointer when there is none.
 */
int resctrl_place(
	struct spec *spec, const char *id, struct resctrl_place *place, struct error *err);

/* The lines that a configuration gives, in the order in which they are written, each with its
 * newline; NULL when there are none. Pure; in arena, "" when there is no memory. */
const char *resctrl_lines(struct arena *arena, const struct spec_intel_rdt *rdt);

/*
 * Whether every value that wanted asks for is among those that a group has: compared as numbers,
 * whatever the order, the blanks and the leading zeros. A value that a later line changes again
 * does not count. Pure.
 */
bool resctrl_matches(const char *wanted, const char *present);

/*
 * Makes a group and writes the schemata (NULL: none), or checks that the group which is there
 * already has these values: what others use is never changed. Without create a missing group is an
 * error. *made: it is new. Returns 0 or -errno with err.
 */
int resctrl_make(
	const char *path, const char *schemata, bool create, bool *made, struct error *err);

/* Makes a monitoring group, which must not be there. Returns 0 or -errno with err. */
int resctrl_monitor(const char *path, struct error *err);

/* Removes the groups of the list that are ours, the last one first. Returns 0 or -errno with err.
 */
int resctrl_remove(const struct spec_cgroup_directory_list *groups, struct error *err);

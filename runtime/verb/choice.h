/* What the options before the verb choose for a container that is made: who makes its cgroup, and
 * whether it may go without. */
#pragma once

#include "runtime/cgroup/cgroup.h"
#include "runtime/verb/verbs.h"

/*
 * The driver that --cgroup-manager or --systemd-cgroup name; cgroupfs without them. Returns 0, or
 * -EINVAL with err for an unknown word or two that contradict each other.
 */
int cgroup_driver_choose(
	const struct command *command, enum cgroup_driver *driver, struct error *err);

/*
 * Whether a container goes without the cgroups that the caller has no right to make: as --rootless
 * says, or *lenient as it stands when that is "auto" or not given. Returns 0, or -EINVAL with err.
 */
int rootless_choose(const struct command *command, bool *lenient, struct error *err);

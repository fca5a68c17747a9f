/* exec --cgroup: a place below the container's cgroup. */
#pragma once

#include "runtime/existing.h"
#include "runtime/verb/verbs.h"

/*
 * Changes existing->cgroup, which existing_input has filled, to what the values say: each is PATH
 * for every hierarchy, or CONTROLLER[,CONTROLLER...]:PATH for those of the controllers. The
 * cgroups must exist. Returns 0 or -errno with err.
 */
int exec_cgroup_choose(
	struct existing *existing, const struct option_values *values, struct error *err);

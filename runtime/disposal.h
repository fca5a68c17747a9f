/* The end of a container: what is left of it is killed, its cgroup, its directory, and then its
 * poststop hooks. */
#pragma once

#include "runtime/hooks.h"
#include "spec/spec.h"
#include "state/record.h"

/*
 * Kills the record's init, if it has one, and whatever is in its cgroup, waits (10 s at most) until
 * init is dead, removes the cgroup and the state directory, and runs spec's poststop hooks (NULL:
 * none). Stops at the first failure, so that it can be repeated. Returns 0 or -errno with err. The
 * container stays entered.
 */
int disposal_run(struct container *container, const struct spec_record *record,
	const struct spec *spec, struct error *err);

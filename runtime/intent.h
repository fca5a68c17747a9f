/* The record of a container that is about to be made. */
#pragma once

#include "runtime/cgroup/cgroup.h"
#include "runtime/monitor.h"
#include "runtime/resctrl.h"
#include "spec/spec.h"
#include "state/record.h"

/* What is known about it. Strings stay the caller's. */
struct intent {
	const char *id;
	const char *bundle; /* absolute, as the next */
	const char *rootfs;
	const struct cgroup_host *cgroup_host;
	const struct cgroup_place *cgroup;
	const struct resctrl_place *resctrl;
	bool unit_user; /* with systemd: the unit is the caller's own manager's */
	const struct monitor_options *monitored; /* by this process; NULL: by nobody */
};

/*
 * Fills a record with everything that is known before anything is made: the journal that `delete`
 * works from when we are killed. What is new in it lives in spec's arena. Returns 0 or -errno with
 * err.
 */
int intent_fill(const struct intent *intent, struct spec *spec, struct spec_record *record,
	struct error *err);

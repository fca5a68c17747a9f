/* One walk over a plan while it lasts: what it needs and what it leaves. See walk.h. */
#pragma once

#include "nsexec/wire.h"
#include "runtime/hooks.h"
#include "runtime/net_device.h"
#include "runtime/plan/compile.h"
#include "runtime/unit/manager.h"
#include "state/record.h"

/* What one walk needs and leaves. Start from WALK_NONE. */
struct walk {
	const struct compiled *compiled;
	const struct spec *spec;
	const char *root;                  /* state root, for the cache of seccomp programs */
	const struct container *container; /* NULL for exec, as the next two */
	struct spec_record *record;        /* is written again before the gate is born */
	const struct spec_cgroup_directory_list *cgroups; /* the record's: which of them are ours */
	const struct state_document *document; /* of status creating, for the host's hooks */
	struct manager
		*manager; /* who has made the scope, or can be asked about it; NULL: nobody */
	const char *unit; /* the container's scope, or NULL */
	int door; /* descriptor for SLOT_DOOR, -1 none; this and the next two stay the caller's */
	int console;  /* for SLOT_CONSOLE */
	int process;  /* for SLOT_PROCESS: pidfd of the init whose namespaces exec joins */
	pid_t follow; /* exec: whose cgroup (v2) will do when the container's own has been divided
			 or is gone; 0: nobody's */
	const char *unified;   /* with follow: where that tree is mounted; NULL: nowhere */
	uint32_t preserve_fds; /* the caller's descriptors after 2 that go through */
	/* results */
	struct wire wire;
	int handover[2]; /* go with KEEP or START: the filter's program, the connection to its
			    listener; -1 none */
	pid_t pid;  /* of the container's process, on the host; our child; 0 when reaped or none */
	int signal; /* that has ended it, when foreground_wait has returned; 0: none */
	int pidfd;
	pid_t helper; /* the first child when the gate hopped away from it; 0 when reaped or none */
	uint64_t image;             /* inode of the gate's image */
	struct net_devices devices; /* that were moved, until they are the container's for good */
};
#define WALK_NONE \
	((struct walk){.door = -1, \
		.console = -1, \
		.process = -1, \
		.wire = {.fd = -1}, \
		.handover = {-1, -1}, \
		.pidfd = -1, \
		.devices = NET_DEVICES_NONE})

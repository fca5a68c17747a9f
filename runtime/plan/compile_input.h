/* What the plan compiler is told. */
#pragma once

#include "runtime/cgroup/cgroup.h"
#include "runtime/resctrl.h"
#include "spec/spec.h"

/* Everything about the invocation and the host that shapes the plan. */
struct compile_input {
	const struct spec *spec;
	const struct spec_process *process; /* spec's own, or exec's */
	const char *id;
	const char *bundle; /* absolute */
	const char *rootfs; /* absolute */
	const struct cgroup_host *cgroup_host;
	const struct cgroup_place *cgroup; /* where the container's cgroup is (to be) */
	struct resctrl_place resctrl;      /* its groups, where it has any */
	uint64_t capabilities;             /* what this process could grant */
	bool privileged;                   /* root in the initial user namespace */
	bool door;                         /* create: start comes later, through the door */
	bool lent;                         /* others get a descriptor of the process, too */
	bool no_pivot, no_new_keyring;
	bool console; /* somebody takes the terminal's master */
	uint32_t preserve_fds;
	uint32_t traced;          /* steps whose times are kept, 0: of none */
	bool exec;                /* enter an existing container instead of making one */
	int64_t init;             /* exec: pid of the container's first process */
	uint32_t exec_namespaces; /* exec: CLONE_NEW* that the container's init has to itself */
	uint64_t root_device;     /* exec: of the container's root, 0 when it is not known */
	uint64_t root_inode;
	char *const *environment;  /* of the caller: for hooks without env; NULL: empty */
	struct warnings *warnings; /* added to, in the arena given to compile; may be NULL */
};

/* The inside of the gate: what its step functions share. Only nsexec/ includes this. */
#pragma once

#include "nsexec/plan.h"
#include "nsexec/wire.h"

#define GATE_LATE 32 /* mounts that become read-only at the pivot; one more is made so at once */

struct gate {
	struct wire wire;
	const struct plan *plan;
	uint32_t step;     /* index of the step being done */
	uint32_t call;     /* enum wire_call, set by the step before an operation that can fail */
	char *detail;      /* WIRE_DETAIL bytes for the failure record; "" when there is none */
	int fds[WIRE_FDS]; /* the slots' descriptors; -1 once used or when none */
	uint32_t fd_count;
	int proc;    /* the root of a procfs that can be trusted (proc.c), -1 before it is needed */
	int root;    /* O_PATH of the container's root, -1 before the rootfs step */
	int seccomp; /* the filter's descriptor from KEEP or START, -1 none */
	int report;  /* where a failure goes after the door opened; -1: over the wire */
	int pivoted; /* the container's root is / */
	int directory;              /* where the last device or link was made (parent.c), -1 none */
	const char *directory_path; /* its path inside the root, in the plan */
	size_t directory_length;
	int null;  /* O_PATH of the container's /dev/null, verified (mask.c), -1 before */
	int empty; /* the empty read-only tmpfs on the first masked directory, -1 before */
	int late[GATE_LATE]; /* mounts that wait for the pivot to become read-only (mount.c) */
	uint32_t late_count;
	const char *program; /* what exec runs, found by the program step */
	char **argv;
	char **envp;
};

/* A gate that holds nothing yet; .fds is the receiver's to fill. */
#define GATE_NONE \
	{ \
		.proc = -1, .root = -1, .seccomp = -1, .report = -1, .directory = -1, .null = -1, \
		.empty = -1 \
	}

/*
 * The walk keeps the umask at 0 while the filesystem is built, so that the modes below are the
 * modes on disk, and gives the caller's back to hooks and to the program.
 */

/* Each step's function: 0, or a negative errno after setting gate->call and gate->detail. */
typedef int (*gate_step)(struct gate *gate, const void *arguments);

#define STEP(kind, side, sentence) int gate_##kind(struct gate *gate, const struct step_##kind *s);
#define TEXT(kind, member)
#define LIST(kind, member)
#define NUMBER(kind, member)
#define BITS(kind, member)
#define SLOT(kind, member)
#define BYTES(kind, member)
#define END(kind)
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"

/*
 * Records what was being done and to what, and returns -errno (or error, made negative, if it is
 * nonzero; either sign is fine).
 */
int gate_failed(struct gate *gate, enum wire_call call, int error, const char *detail);

/*
 * The root of a procfs, kept in gate->proc: the one that a mount step has made, else /proc after a
 * check that it is a procfs's root, else a new detached one. Made on first use. Returns it (>= 0)
 * or -errno through gate_failed.
 */
int gate_proc(struct gate *gate);

/*
 * Writes text to a file below gate_proc ("self/oom_score_adj"), refusing any magic link or
 * other mount on the way. Returns 0, or -errno through gate_failed.
 */
int gate_proc_write(struct gate *gate, const char *path, const char *text);

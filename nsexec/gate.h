/* The inside of the gate: what its step functions share. Only nsexec/ includes this. */
#pragma once

#include "nsexec/plan.h"
#include "nsexec/wire.h"

struct gate {
	struct wire wire;
	const struct plan *plan;
	uint32_t step;	  /* index of the step being done */
	uint32_t call;	  /* enum wire_call, set by the step before an operation that can fail */
	char *detail;	  /* WIRE_DETAIL bytes for the failure record; "" when there is none */
	int fds[WIRE_FDS]; /* the slots' descriptors; -1 once used or when none */
	uint32_t fd_count;
	int proc;    /* a private procfs (fsopen, subset=pid where possible), -1 before it is needed */
	int root;    /* O_PATH of the container's root, -1 before the rootfs step */
	int seccomp; /* the filter's descriptor from KEEP or START, -1 none */
	int report;  /* where a failure goes after the door opened; -1: over the wire */
	int pivoted; /* the container's root is / */
	const char *program; /* what exec runs, found by the program step */
	char **argv;
	char **envp;
};

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

/* Records what was being done and to what, and returns -errno (or error if nonzero, made negative). */
int gate_failed(struct gate *gate, enum wire_call call, int error, const char *detail);

/*
 * A handle of a procfs that nobody can have mounted over: fsopen("proc") detached, or the fallback that verifies
 * PROC_SUPER_MAGIC and the root inode. Made on first use, kept in gate->proc. Returns it (>= 0) or -errno.
 */
int gate_proc(struct gate *gate);

/* Writes text to a file below the private procfs ("self/oom_score_adj"), refusing any symlink or other mount on the way. */
int gate_proc_write(struct gate *gate, const char *path, const char *text);

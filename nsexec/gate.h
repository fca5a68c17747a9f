/* The inside of the gate: what its step functions share. Only nsexec/ includes this. */
#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

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
	int notify;  /* the connection to the seccomp listener from KEEP or START, -1 none */
	int64_t pid; /* of this process on the host, from KEEP or START */
	int door;    /* the listener, while who has knocked is not let in; -1 none */
	int report;  /* where a failure goes once they are; -1: over the wire */
	int pivoted; /* the container's root is / */
	int shared;  /* parts of the host's tree may still be shared with the host (rootfs.c) */
	int directory;              /* where the last device or link was made (parent.c), -1 none */
	const char *directory_path; /* its path inside the root, in the plan */
	size_t directory_length;
	int directory_ours;    /* it is the root of a filesystem that nobody else can see yet */
	int directory_entered; /* it is the working directory */
	int null;  /* O_PATH of the container's /dev/null, verified (mask.c), -1 before */
	int empty; /* the empty read-only tmpfs on the first masked directory, -1 before */
	struct gate_hand *hand; /* the sources that it has fetched (hand.c), NULL none */
	int late[GATE_LATE];    /* mounts that wait for the pivot to become read-only (mount.c) */
	uint32_t late_count;
	const char *program; /* what exec runs, found by the program step */
	char **argv;
	char **envp;
	mode_t umask;                       /* of hooks and the program; the gate's own is 0 */
	struct rlimit limits[RLIM_NLIMITS]; /* where limited has the resource's bit (limits.c) */
	uint32_t limited;
	int settled;      /* gate_settle is done */
	uint64_t *stamps; /* of --trace, shared with the host; NULL: nobody asked */
	uint64_t stamp_count;
};

/* A gate that holds nothing yet; .fds is the receiver's to fill. */
#define GATE_NONE \
	{ \
		.proc = -1, .root = -1, .seccomp = -1, .notify = -1, .door = -1, .report = -1, \
		.directory = -1, .null = -1, .empty = -1 \
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
 * Opens a file below gate_proc ("self/mountinfo"), refusing any magic link or other mount on the
 * way. The caller owns the descriptor. It (>= 0), or -errno through gate_failed.
 */
int gate_proc_open(struct gate *gate, const char *path, int flags);

/* Writes text to a file that it opens so. Returns 0, or -errno through gate_failed. */
int gate_proc_write(struct gate *gate, const char *path, const char *text);

/* Notes that a step has ended, where somebody asked. */
void gate_stamp(const struct gate *gate, const struct plan_step *step, uint32_t index);

/* ---- walk.c ---- */

/* Does the gate's part of steps [first, end) and reports the first failure to the host. 0 or
 * -errno. */
int gate_walk(struct gate *gate, uint32_t first, uint32_t end);

/* Tells the host, or who came to the door, what failed; nobody when both are gone. */
void gate_report(struct gate *gate, int result);

/* Says a message without body; 0, or -errno through gate_failed. */
int gate_say(struct gate *gate, enum wire_message message);

/*
 * Waits for the host's next message. 0, or -errno; when the host is gone the wire's state is
 * WIRE_ENDED and nothing is reported.
 */
int gate_hear(struct gate *gate, struct wire_packet *packet);

/* ---- handover.c ---- */

/* Accepts who has knocked at the door, if anybody has. 0, or -errno through gate_failed. */
int gate_let_in(struct gate *gate);

/* ---- mask.c ---- */

/* O_PATH of the container's /dev/null, which is one. Kept in gate->null. It (>= 0), or a failure.
 */
int gate_null(struct gate *gate);

/* ---- shield.c ---- */

/*
 * auto_late int fd: a descriptor inside the container that gate_close_others closes with all
 * others. Above a bound it is closed at the end of its scope as well: the caller may allow us only
 * few.
 */
#define auto_late __attribute__((cleanup(fd_close_late)))
#define GATE_LATE_FDS 60

static inline void fd_close_late(int *fd)
{
	if (*fd >= GATE_LATE_FDS)
		close(*fd);
}

/*
 * Makes this process invisible to ptrace and /proc/PID/fd, and lets it die with the host as long
 * as that has not let go. To be repeated after whatever the kernel resets both at: a change of
 * credentials, a fork.
 */
void gate_shield(struct gate *gate);

/* Gives default dispositions to what the caller ignored, since exec would hand that down. */
void gate_signals_reset(void);

/*
 * Closes every descriptor that no later step needs: what the caller left open, handles of the host,
 * of procfs, of the root. Kept are 0 to 2, those that the program inherits, and the gate's own last
 * ones, which are close-on-exec. 0, or -errno through gate_failed.
 */
int gate_close_others(struct gate *gate);

/* Takes the descriptor of a slot, now the caller's; -EBADF through gate_failed when there is none.
 */
int gate_slot_take(struct gate *gate, int32_t slot);

/* ---- hand.c ---- */

/* Takes source number tree (from 1 on) that was fetched, now the caller's; -errno through
 * gate_failed when there is none.
 */
int gate_tree_take(struct gate *gate, uint64_t tree);

/* ---- limits.c ---- */

/*
 * The last things before a seccomp filter that might forbid them: the resource limits (too low for
 * the gate itself, perhaps), the umask, the descriptors, who is at the door. Once; 0, or -errno
 * through gate_failed.
 */
int gate_settle(struct gate *gate);

/* ---- program.c ---- */

/*
 * A NULL-terminated array of a list's strings, and of one more unless that is NULL, as execve wants
 * it. Mapped memory that stays until then; NULL when there is none.
 */
char **gate_strings(const struct gate *gate, plan_list list, const char *more);

/* ---- home.c ---- */

/*
 * "HOME=..." of uid from the image's /etc/passwd, "HOME=/" when it is not there or cannot be
 * trusted: never fails. Static memory.
 */
const char *gate_home(uint32_t uid);

/* ---- number.c ---- */

#define NUMBER_SIZE 21 /* the digits of a uint64_t and their end */

/* Writes the decimal digits and a NUL; returns how many digits. */
size_t number_write(char digits[NUMBER_SIZE], uint64_t number);

/* The value of a string that is nothing but decimal digits and at most limit, else -1. */
int64_t number_read(const char *digits, size_t length, int64_t limit);

/*
 * What the runtime and the gate say to each other: one message is one SOCK_SEQPACKET record.
 * The grammar is a table (wire.c): a message that is not allowed in the present state is a
 * protocol error at the sender and at the receiver alike.
 *
 *   PLAN      host   the plan (inline up to WIRE_INLINE bytes, else in a memfd that is the first
 *                    descriptor), and the descriptors of its slots
 *   MAP       gate   at a map step: write my maps and offsets
 *   MAPPED    host   they are written
 *   HOPPED    gate   the process now has this pid (in the sender's pid namespace, the host's).
 *                    Sent by the one that stays behind; messages of the new one may come before,
 *                    and the host answers them only after it
 *   HOOKS     gate   at the hooks step: run prestart and createRuntime
 *   GO        host   they succeeded
 *   READY     gate   at the ready step: everything that create does is done
 *   KEEP      host   you are recorded; wait at the door. Carries the process's pid on the host, and
 *                    the descriptor of the seccomp program, if any, and after it the connection to
 *                    its listener, if any
 *   ALONE     gate   in answer to KEEP: I hold nothing of yours any more
 *   START     host   instead of KEEP: run the program now (run, exec). Carries the same
 *   FAIL      gate   {step, error, call, detail}; the last message
 *
 * After START the end of file means: the program runs (the socket was close-on-exec) or its process
 * was killed; anywhere else, that the gate died. The end of file at the gate, before KEEP or START,
 * means that the host died: the gate exits.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WIRE_INLINE 65536u
#define WIRE_FDS 64 /* descriptors in one message */
#define WIRE_DETAIL 512
#define WIRE_GATE_NAME "mydocker-gate:" /* argv[0] of the gate: this, then the socket's number */

enum wire_message {
	WIRE_NONE,
	WIRE_PLAN,
	WIRE_MAP,
	WIRE_MAPPED,
	WIRE_HOPPED,
	WIRE_HOOKS,
	WIRE_GO,
	WIRE_READY,
	WIRE_KEEP,
	WIRE_ALONE,
	WIRE_START,
	WIRE_FAIL,
	WIRE_EOF, /* not sent: the other end closed */
	WIRE_MESSAGES
};

enum wire_state {
	WIRE_BORN,
	WIRE_BUILDING,
	WIRE_MAPPING,
	WIRE_HOOKING,
	WIRE_WAITING, /* READY said, KEEP or START not yet */
	WIRE_KEPT,
	WIRE_STARTED,
	WIRE_FAILED,
	WIRE_ENDED,
	WIRE_STATES
};

enum wire_end { WIRE_HOST, WIRE_GATE };

/* What went wrong in the gate. The host turns it into words. */
struct wire_failure {
	uint32_t step; /* index into the plan's steps; UINT32_MAX: before there was a plan */
	int32_t error; /* positive errno */
	uint32_t call; /* enum wire_call: what was being done */
	char detail[WIRE_DETAIL]; /* data, never prose: a path, a hook's last output */
};

/* The operation inside a step that failed, where the step alone does not say it. */
enum wire_call {
	WIRE_CALL_NONE,
#define CALL(name, words) WIRE_CALL_##name,
#include "nsexec/calls.def"
#undef CALL
	WIRE_CALLS
};

struct wire {
	int fd;
	enum wire_end end;
	enum wire_state state;
};

/* What a received message carries besides its kind. */
struct wire_packet {
	enum wire_message message;
	int64_t number; /* HOPPED, KEEP, START: pid */
	struct wire_failure failure;
	uint32_t fd_count;
	int fds[WIRE_FDS]; /* close-on-exec, owned by the receiver */
	size_t length;     /* PLAN: bytes put into the receiver's buffer; 0: it is in fds[0] */
};

/*
 * The grammar: the state after `sender` said `message` in `state`; WIRE_STATES if that is not
 * allowed. Pure.
 */
enum wire_state wire_next(enum wire_state state, enum wire_end sender, enum wire_message message);

/*
 * Sends a message without body. fds[0..count) travel with it and stay the caller's.
 * Returns 0; -EPROTO when the grammar forbids it; -EPIPE when the other end is gone; -errno.
 */
int wire_send(struct wire *wire, enum wire_message message, const int *fds, uint32_t count);

/* Sends PLAN: size bytes of plan and the descriptors of its slots. Returns as wire_send. */
int wire_send_plan(
	struct wire *wire, const void *plan, uint32_t size, const int *fds, uint32_t count);

/* Sends HOPPED with a pid; returns as wire_send. */
int wire_send_pid(struct wire *wire, int64_t pid);

/* Sends KEEP or START with the process's pid as the host counts, and descriptors; returns as
 * wire_send. */
int wire_send_release(
	struct wire *wire, enum wire_message message, int64_t pid, const int *fds, uint32_t count);

/* Sends FAIL; returns as wire_send. */
int wire_send_failure(struct wire *wire, const struct wire_failure *failure);

/*
 * Receives one message, blocking (the caller polls first where it must not wait for ever). A body
 * of PLAN goes to buffer (capacity bytes). End of file is message WIRE_EOF and return 0. Returns
 * -EPROTO for a message that the grammar forbids or that is malformed (its descriptors are closed),
 * -errno otherwise.
 */
int wire_receive(struct wire *wire, struct wire_packet *packet, void *buffer, size_t capacity);

/* Names for messages, used in errors and tests. */
const char *wire_message_name(enum wire_message message);

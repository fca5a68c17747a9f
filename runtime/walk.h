/*
 * The host's walk over the plan: start the gate, send it the plan, do the host's steps, answer its
 * messages, until the container is handed over. And all the way back when something fails.
 */
#pragma once

#include "nsexec/wire.h"
#include "runtime/compile.h"
#include "runtime/hooks.h"
#include "spec/error.h"
#include "state/record.h"

/* What one walk needs and leaves. Start from WALK_NONE. */
struct walk {
	const struct compiled *compiled;
	const struct spec *spec;
	const char *root;                      /* state root, for the cache of seccomp programs */
	const struct container *container;     /* NULL for exec, as the next two */
	struct spec_record *record;            /* is written again before the gate is born */
	const struct state_document *document; /* of status creating, for the host's hooks */
	int door; /* descriptor for SLOT_DOOR, -1 none; this and the next two stay the caller's */
	int console;           /* for SLOT_CONSOLE */
	int process;           /* for SLOT_PROCESS: pidfd of the init whose namespaces exec joins */
	uint32_t preserve_fds; /* the caller's descriptors after 2 that go through */
	/* results */
	struct wire wire;
	int handover[2]; /* go with KEEP or START: the filter's program, the connection to its
			    listener; -1 none */
	pid_t pid; /* of the container's process, on the host; our child; 0 when reaped or none */
	int pidfd;
	pid_t helper; /* the first child when the gate hopped away from it; 0 when reaped or none */
	uint64_t image; /* inode of the gate's image */
};
#define WALK_NONE \
	((struct walk){.door = -1, \
		.console = -1, \
		.process = -1, \
		.wire = {.fd = -1}, \
		.handover = {-1, -1}, \
		.pidfd = -1})

/*
 * Walks up to READY: afterwards the process waits for KEEP or START. On failure the process is gone
 * and err filled (pointer, step and hint from the plan's provenance); what the record names is left
 * for disposal_run. Returns 0 or -errno.
 */
int walk_create(struct walk *walk, struct error *err);

/* Sends KEEP and waits until the process has let go of us: it waits at the door from now on. */
int walk_keep(struct walk *walk, struct error *err);

/* Sends START and waits until the program runs (end of file) or says why not. */
int walk_start(struct walk *walk, struct error *err);

/* Kills and reaps the process; for failures after walk_create (pid file, poststart hook, ...). May
 * be called twice. */
void walk_undo(struct walk *walk);

/* Closes what the walk opened; the process is left alone. */
void walk_free(struct walk *walk);

/* Turns a gate's failure record into an error: code, sentence, pointer, hint. (words.c) */
int words_for_failure(const struct compiled *compiled, const struct spec *spec,
	const struct wire_failure *failure, struct error *err);

/*
 * The host's walk over the plan: start the gate, send it the plan, do the host's steps, answer its messages,
 * until the container is handed over. And all the way back when something fails.
 */
#pragma once

#include "nsexec/wire.h"
#include "runtime/compile.h"
#include "spec/error.h"
#include "state/record.h"

struct seccomp_program; /* runtime/seccomp.h */

/* What one walk needs and leaves. */
struct walk {
	const struct compiled *compiled;
	const struct spec *spec;
	struct container *container; /* NULL for exec */
	struct spec_record *record;  /* journal: updated and written before each resource is made; NULL for exec */
	const char *state_json_head; /* hooks' state document around the pid, see runtime/hooks.h */
	int console;		     /* descriptor for SLOT_CONSOLE, -1 none; stays the caller's */
	int process;		     /* exec: pidfd for SLOT_PROCESS, -1 none */
	uint32_t preserve_fds;
	/* results */
	struct wire wire;
	pid_t pid; /* of the container's process, on the host; our child */
	int pidfd;
	pid_t helper; /* the one that hopped away, to be reaped; 0 none */
};

/*
 * Walks up to READY: afterwards the process waits for KEEP or START. On failure everything that was made is undone
 * and err filled (pointer, step and hint from the plan's provenance). Returns 0 or -errno.
 */
int walk_create(struct walk *walk, struct error *err);

/* Sends KEEP: the process waits at the door from now on and survives us. */
int walk_keep(struct walk *walk, struct error *err);

/* Sends START and waits until the program runs (end of file) or says why not. */
int walk_start(struct walk *walk, struct error *err);

/* Kills and reaps the process, undoes what walk_create made; for failures after it (pid file, poststart hook, ...). */
void walk_undo(struct walk *walk);

/* Turns a gate's failure record into an error: code, sentence, pointer, hint. (words.c) */
int words_for_failure(const struct compiled *compiled, const struct spec *spec,
	const struct wire_failure *failure, struct error *err);

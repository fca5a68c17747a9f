/*
 * The host's walk over the plan: start the gate, send it the plan, do the host's steps, answer its
 * messages, until the container is handed over. And all the way back when something fails.
 */
#pragma once

#include "runtime/walk_state.h"
#include "spec/error.h"

/*
 * Walks up to READY: afterwards the process waits for KEEP or START. On failure the process is gone
 * and err filled (pointer, step and hint from the plan's provenance); what the record names is left
 * for disposal_run. Returns 0 or -errno.
 */
int walk_create(struct walk *walk, struct error *err);

/*
 * Two parts of walk_create, for a container that is not made by the gate: the host's steps before
 * there is a process; and what the host does when the process (walk->pid) has its namespaces: the
 * rest of its steps, prestart and createRuntime hooks. Return 0 or -errno with err.
 */
int walk_prepare(struct walk *walk, struct error *err);
int walk_meet(struct walk *walk, struct error *err);

/* Sends KEEP and waits until the process has let go of us: it waits at the door from now on. */
int walk_keep(struct walk *walk, struct error *err);

/* Sends START and waits until the program runs (end of file) or says why not. */
int walk_start(struct walk *walk, struct error *err);

/* Kills and reaps the process; for failures after walk_create (pid file, poststart hook, ...). May
 * be called twice. */
void walk_undo(struct walk *walk);

/* Closes what the walk opened; the process is left alone. */
void walk_free(struct walk *walk);

/* A gate that was killed while its memory was limited: most likely by that. Adds pointer and hint.
 */
void walk_suspect_memory(const struct spec *spec, struct error *err);

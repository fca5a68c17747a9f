/* Hooks that run in the runtime's namespaces, and the state document that every hook reads. */
#pragma once

#include <sys/types.h>

#include "spec/spec.h"
#include "state/status.h"

/*
 * The state document split around the pid's digits (so that the gate can fill in its own view):
 * head + decimal pid + tail. tail ends with a newline. head is in arena. Of the record, only id,
 * bundle and annotations are read.
 */
struct state_document {
	const char *head;
	const char *tail;
};
int state_document(const struct spec_record *record, enum status status, struct arena *arena,
	struct state_document *document, struct error *err);

/*
 * Runs the hooks of one list, in order, each with the document on stdin and the last part of its
 * output kept for the error. The first failure ends the list: ERROR_HOOK with pointer
 * /hooks/LIST/N, status and last output. cwd: the bundle.
 */
int hooks_run(const struct spec *spec, const struct spec_hook_list *list, const char *bundle,
	const struct state_document *document, pid_t pid, struct error *err);

/* poststop: a failure is a warning (reported at once) and the next hook runs. */
void hooks_run_poststop(
	const struct spec *spec, const char *bundle, const struct state_document *document);

/*
 * "error running createRuntime hook #1", as engines' users know it, for the hook behind a JSON
 * pointer such as /hooks/createRuntime/1. Pure.
 */
void hooks_heading(const char *pointer, char *buffer, size_t size);

/*
 * How long the hooks of a list that the gate runs may take, in milliseconds: the sum of their
 * timeouts, or -1 when one of them has none. Pure.
 */
int64_t hooks_patience(const struct spec_hook_list *list);

/* A container that exists, as start, exec and delete meet it: entered, its record, and its bundle's
 * configuration. */
#pragma once

#include <limits.h>

#include "runtime/plan/compile.h"
#include "runtime/unit/manager.h"
#include "spec/spec.h"
#include "state/record.h"
#include "state/status.h"

struct existing {
	char root[PATH_MAX]; /* state root */
	struct container container;
	struct spec_record record;
	struct spec spec;               /* of bundle.json; its arena holds the record too */
	struct cgroup_host cgroup_host; /* existing_input fills these two */
	struct cgroup_place cgroup;
	struct manager manager; /* for the container's unit, opened by who needs it */
};
#define EXISTING_NONE \
	((struct existing){.container = {.root = -1, .dir = -1}, .manager = MANAGER_NONE})

/*
 * Enters the container and reads its record. root: value of --root, or NULL. lock: milliseconds to
 * wait for its lock, 0: do not take it. Returns 0 or -errno with err; -EBADMSG or -ENODATA: the
 * container is entered, only its record cannot be used. existing_free in any case.
 */
int existing_enter(
	struct existing *existing, const char *root, const char *id, int lock, struct error *err);

/* Whether the record tells that there is a program and no hook to run from start on. */
bool existing_is_plain(const struct existing *existing);

/* Reads the kept configuration into existing->spec. Returns 0 or -errno with err. */
int existing_read_spec(struct existing *existing, struct error *err);

/*
 * What the compiler needs to know about the container, its configuration having been read: for
 * exec, and for the words of a failed start. Its cgroup is the one of the record. Returns 0 or
 * -errno with err.
 */
int existing_input(struct existing *existing, struct compile_input *input, struct error *err);

void existing_free(struct existing *existing);

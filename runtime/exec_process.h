/* What exec is asked to run. */
#pragma once

#include "runtime/verbs.h"
#include "spec/spec.h"

/*
 * The process document of --process, or the container's own process with the command line's
 * changes. *process lives in spec's arena. Returns 0 or -errno with err.
 */
int exec_process(struct spec *spec, const struct command *command, struct spec_process **process,
	struct error *err);

/* "UID" or "UID:GID", numbers only; gid is 0 when it is not given. Returns 0, or -EINVAL with err.
 * Pure. */
int exec_user_parse(const char *text, struct spec_user *user, struct error *err);

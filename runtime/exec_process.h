/* What exec is asked to run. */
#pragma once

#include "runtime/verb/verbs.h"
#include "spec/spec.h"

/*
 * The process document of --process, or the container's own process with the command line's
 * changes; users are looked up below root, the container's. *process lives in spec's arena. Returns
 * 0 or -errno with err.
 */
int exec_process(struct spec *spec, int root, const struct command *command,
	struct spec_process **process, struct error *err);

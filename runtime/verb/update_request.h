/* What `update` is asked for, from its options or a document. */
#pragma once

#include "runtime/verb/verbs.h"
#include "spec/spec.h"

/*
 * Fills asked, in spec's arena, with what --resources (a file, or "-" for the standard input) and
 * the options say; the options win. Pointers of errors start at the resources. Returns 0 or -errno
 * with err.
 */
int update_request(const struct command *command, struct spec *spec, struct spec_resources *asked,
	struct error *err);

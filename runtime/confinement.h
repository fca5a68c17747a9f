/* Which security modules this kernel enforces: a label of one that is absent is refused. */
#pragma once

#include "spec/spec.h"

/*
 * Sees to it that the kernel runs the modules whose labels the configuration and the process (its
 * own, exec's, or NULL) ask for. Asks the kernel nothing when there are none. Returns 0, or
 * -EOPNOTSUPP with err and the pointer of the label.
 */
int confinement_check(
	const struct spec *spec, const struct spec_process *process, struct error *err);

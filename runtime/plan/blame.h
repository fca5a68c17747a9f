/* Where in the configuration a failure comes from. */
#pragma once

#include "spec/spec.h"

/*
 * Adds to a failure the JSON pointer of an address inside the configuration, or inside exec's own
 * process document (NULL: none); nothing for any other address.
 */
void blame(struct error *err, const struct spec *spec, const struct spec_process *process,
	const void *address);

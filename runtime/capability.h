/* Capabilities: names to bits through names.def, and what this process can grant, through libcap
 * (whose only door this is). */
#pragma once

#include <stdint.h>

#include "spec/spec.h"

/* Our permitted capabilities, as bits; 0 when the kernel does not tell. */
uint64_t capability_available(void);

/* Bits of a list of names; an unknown one is a warning with its pointer, and skipped. Pure. */
uint64_t capability_bits(const struct spec *spec, const struct string_list *names,
	struct warnings *warnings, struct arena *arena);

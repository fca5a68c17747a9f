/* What can be known about a container whose creation was killed, or whose record is damaged. */
#pragma once

#include "runtime/existing.h"

/* True when its directory has nothing in it that names anything: it was killed at once. */
bool leftover_is_empty(const struct existing *existing);

/* Its configuration, for the poststop hooks; NULL, with a warning, when that is damaged, too. */
const struct spec *leftover_spec(struct existing *existing);

/* Fills the record as far as the id and the configuration (NULL: none) tell it. Returns 0 or -errno
 * with err. */
int leftover_guess(struct existing *existing, const struct spec *spec, struct error *err);

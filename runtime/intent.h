/* The record of a container that is about to be made. */
#pragma once

#include "runtime/creation.h"

/*
 * Fills creation->record with everything that is known before anything is made: the journal that
 * `delete` works from when we are killed. Strings live in the spec's arena. Returns 0 or -errno
 * with err.
 */
int intent_fill(struct creation *creation, struct error *err);

/* Properties of a unit, from words to a message. Only bus.c includes this. */
#pragma once

#include <systemd/sd-bus.h>

#include "runtime/systemd/words.h"

/*
 * Appends the properties as (sv) to the open array of the message, without those that a manager of
 * this version (0: any) does not know. Returns 0, -EBADMSG when words and signature do not fit, or
 * -errno.
 */
int properties_append(sd_bus_message *message, int version, struct words *words);

/*
 * The door: a listening SEQPACKET socket in the container's directory. The waiting init holds the
 * listener (as a descriptor); `start` connects. See README, "The door".
 */
#pragma once

#include "state/store.h"

/* Makes the door in the container's directory. Returns the listening descriptor (close-on-exec) or
 * -errno with err. */
int door_make(const struct container *container, struct error *err);

/*
 * Connects to the door and shuts it for others (unlinks it). Returns the connected descriptor, not
 * blocking; -ECONNREFUSED: init is dead; -ENOENT: started before. err is filled.
 */
int door_open(const struct container *container, struct error *err);

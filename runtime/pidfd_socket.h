/* --pidfd-socket: a descriptor of the container's process for the caller, which no later process
 * can take the place of. */
#pragma once

#include "spec/error.h"

/* Connects to the socket at path (NULL: nothing is done) and sends pidfd over it, in one SCM_RIGHTS
 * message. Returns 0 or -errno with err. */
int pidfd_send(const char *path, int pidfd, struct error *err);

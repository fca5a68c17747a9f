/* Where the gate's image comes from for this exec: a sealed memfd, or a read-only clone of
 * mydocker's own mount. */
#pragma once

#include <stdint.h>

#include "spec/error.h"

/*
 * Opens the image. Returns a descriptor (close-on-exec) for execveat(fd, "", ..., AT_EMPTY_PATH),
 * or -errno with err. *inode receives what stat("/proc/PID/exe") of a process waiting in it will
 * show.
 */
int image_open(uint64_t *inode, struct error *err);

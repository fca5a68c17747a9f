/*
 * The one way from a path of the container to a file: everything below the root filesystem is found
 * and made here, and used through the descriptor that comes out, never again by name.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * Opens what path leads to when root is "/": symbolic links, absolute ones and ".." included, never
 * lead out of it, and magic links are not followed. flags are open(2)'s (usually O_PATH;
 * close-on-exec is added). constraints: 0 or RESOLVE_NO_SYMLINKS, which refuses any link with
 * -ELOOP. openat2(2) RESOLVE_IN_ROOT; a walk of our own where the kernel does not have it. Returns
 * the descriptor, or -errno.
 */
int resolve_open(int root, const char *path, int flags, uint64_t constraints);

/*
 * The same with O_PATH, and makes what is missing: directories with mode 0755, and the last part as
 * type says, S_IFDIR or S_IFREG (empty, 0644). A link whose target is missing gets its target made,
 * inside. *made, if not NULL, tells whether the last part is new. Existing files of another type
 * are returned as they are. Returns the descriptor, or -errno.
 */
int resolve_make(int root, const char *path, mode_t type, uint64_t constraints, int *made);

/*
 * Opens the directory of the first length bytes of path as resolve_make does. Returns the
 * descriptor (O_PATH), or -errno.
 */
int resolve_directory(int root, const char *path, size_t length);

/* Where things are: the bundle's directory, its root filesystem, and whether we are root on this
 * host. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "spec/spec.h"

/*
 * Opens a directory and tells its absolute path without symbolic links. base: directory for a
 * relative path, and above what it is called itself; or AT_FDCWD and NULL. Returns the descriptor
 * (O_PATH, close-on-exec) or -errno.
 */
int directory_find(int base, const char *above, const char *path, char absolute[PATH_MAX]);

/*
 * Reads the bundle in directory (NULL: the current one): file (NULL: config.json) into spec, and
 * both absolute paths. Returns 0 or -errno with err.
 */
int bundle_read(const char *directory, const char *file, struct spec *spec, char bundle[PATH_MAX],
	char rootfs[PATH_MAX], struct error *err);

/*
 * A bundle around a root filesystem that has none: the default configuration, with a root that can
 * be written and no terminal. bundle is the current directory. Returns 0 or -errno with err.
 */
int bundle_invent(const char *directory, struct spec *spec, char bundle[PATH_MAX],
	char rootfs[PATH_MAX], struct error *err);

/* Root in the initial user namespace: the caller holds every capability over everything. */
bool host_is_ours(void);

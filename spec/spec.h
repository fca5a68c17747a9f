/* config.json as a whole: reading it, checking it, and the default one that `mydocker spec` writes.
 */
#pragma once

#include "spec/arena.h"
#include "spec/config.h"
#include "spec/error.h"
#include "spec/table.h"

/* The versions of the specification that we follow: `state` and `features` name them. */
#define SPEC_VERSION "1.3.0"
#define SPEC_VERSION_LEAST "1.0.0"

/* A decoded bundle configuration and the bytes that it was decoded from. Zero it before use. */
struct spec {
	struct arena arena;
	struct warnings warnings;
	const char *bytes; /* config.json, byte for byte, in the arena */
	size_t length;
	struct spec_config config;
};

/*
 * Reads the file at path (relative to dirfd; a regular file of at most 16 MiB, opened without
 * blocking), decodes it and checks every rule that joins properties (rules.c). Returns 0 or a
 * negative errno with err filled. spec_free in any case.
 */
int spec_read(struct spec *spec, int dirfd, const char *path, struct error *err);

/* The same from memory; bytes are copied. */
int spec_decode(struct spec *spec, const char *bytes, size_t length, struct error *err);

/* A process document alone, as `exec --process` reads it; pointers start at "". The file may be a
 * pipe, of at most 1 MiB. */
int spec_read_process(struct spec *spec, int dirfd, const char *path, struct spec_process **process,
	struct error *err);

/* The rules alone, for a configuration that was changed after decoding (run's overrides). */
int spec_check(const struct spec_config *config, struct error *err);

/*
 * The default configuration of `mydocker spec` as JSON text; NULL and err when there is no memory.
 * rootless: with a user namespace in which the caller is root, and without what only root on the
 * host may do. cgroup: with a cgroup namespace.
 */
const char *spec_default(struct arena *arena, bool rootless, bool cgroup, struct error *err);

/* JSON pointer of an address inside spec->config, see table_pointer. */
static inline int spec_pointer(
	const struct spec *spec, const void *address, char *buffer, size_t size)
{
	return table_pointer(&spec_config_table, &spec->config, address, buffer, size);
}

void spec_free(struct spec *spec);

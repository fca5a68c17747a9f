/* The small files that cgroups and /proc consist of: read whole, written by one write. Only
 * cgroup*.c includes this. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct arena;

/*
 * Reads name below dirfd (AT_FDCWD for absolute paths) into buffer, NUL-terminated, without its
 * last newline, cut at size - 1 bytes. Returns the length or -errno.
 */
ssize_t cgroup_file_read(int dirfd, const char *name, char *buffer, size_t size);

/* The whole file as text in arena, however long; NULL and errno. */
char *cgroup_file_load(int dirfd, const char *name, struct arena *arena);

/* Writes text by one write(2). Returns 0 or -errno. */
int cgroup_file_write(int dirfd, const char *name, const char *text);

/* Opens a directory for reading and for openat. The descriptor or -errno. */
int cgroup_directory_open(const char *directory);

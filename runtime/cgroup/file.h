/* The small files that cgroups and /proc consist of: read whole, written by one write. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct arena;

/* Opens a file of a directory, close-on-exec. The descriptor or -errno. */
int cgroup_file_open(const char *directory, const char *name, int flags);

/* True when the directory has the file. */
bool cgroup_file_exists(const char *directory, const char *name);

/*
 * Reads a file of a directory by one read(2), which gives all of it where it is less than a page:
 * NUL-terminated, without its last newline, cut at size - 1 bytes. The length or -errno.
 */
ssize_t cgroup_file_read(const char *directory, const char *name, char *buffer, size_t size);

/* A file as text in arena, however long; NULL and errno. */
char *cgroup_file_load(const char *path, struct arena *arena);

/* Writes text by one write(2). Returns 0 or -errno. */
int cgroup_file_write(const char *directory, const char *name, const char *text);

/* Did the kernel keep what it was given? Only runtime/cgroup/ includes this. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * True when the file in the directory is one that may change what it is given, and now says
 * something that differs from value in a way that counts; what it says is left in found.
 */
bool cgroup_readback_differs(
	const char *directory, const char *file, const char *value, char *found, size_t size);

/* True for a file of which it can tell. */
bool cgroup_readback_knows(const char *file);

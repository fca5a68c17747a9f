/*
 * A mark on the directories between the mount point and a container's cgroup that we had to make:
 * an extended attribute, kept by the kernel as long as the directory is. The record names only the
 * container's own directories.
 */
#pragma once

#include <stdbool.h>
#include <sys/xattr.h>

#define CGROUP_MARK "trusted.mydocker"

/* Where attributes cannot be set (no CAP_SYS_ADMIN on the host) the directory stays when its last
 * container goes. */
static inline void cgroup_mark(const char *directory)
{
	setxattr(directory, CGROUP_MARK, "", 0, 0);
}

static inline bool cgroup_is_marked(const char *directory)
{
	return getxattr(directory, CGROUP_MARK, NULL, 0) >= 0;
}

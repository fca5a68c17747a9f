/* Who has a controller: a v1 hierarchy or the unified tree. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/cgroup/cgroup.h"

#define CGROUP_NOWHERE UINT32_MAX

/*
 * True when the word (length bytes) is in a list as /proc/self/cgroup ("cpu,cpuacct") and
 * cgroup.controllers ("cpu memory") write them. The empty word is in the empty list only.
 */
bool controllers_have(const char *list, char separator, const char *word, size_t length);

/* "memory" of "memory.limit_in_bytes": its length. */
size_t controller_length(const char *file);

/* True for "cgroup." files, which every cgroup of v2 has. */
bool controller_is_core(const char *file);

/* Index of the v1 hierarchy of a file's controller (file may be NULL), or CGROUP_NOWHERE. */
uint32_t controller_v1(const struct cgroup_host *host, const char *file);

/* Index of the unified tree, if it has the controller of the file. */
uint32_t controller_v2(const struct cgroup_host *host, const char *file);

/* Index of the unified tree. */
uint32_t controller_unified(const struct cgroup_host *host);

/* What the kernel counted for a container, read from the files of its cgroup. */
#pragma once

#include "state/record.h"

struct accounting {
	struct maybe_uint oom_kills;
	struct maybe_uint peak_memory; /* bytes */
	struct maybe_uint cpu_usec;
};

/* Reads what the container's cgroup directories offer (v1 or v2); what they do not offer stays
 * absent. */
struct accounting accounting_read(const struct spec_cgroup_directory_list *directories);

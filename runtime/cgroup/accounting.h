/* What the kernel counted for a container, read from the files of its cgroup. */
#pragma once

#include "spec/json.h"
#include "state/record.h"

struct accounting {
	struct maybe_uint oom_kills;
	struct maybe_uint peak_memory; /* bytes */
	struct maybe_uint cpu_usec;
	struct maybe_uint memory;       /* bytes, now */
	struct maybe_uint memory_limit; /* bytes; absent when there is none */
	struct maybe_uint pids;
};

/* Reads what the container's cgroup directories offer (v1 or v2); what they do not offer stays
 * absent. */
struct accounting accounting_read(const struct spec_cgroup_directory_list *directories);

/* The numbers as members of the open object: cpuUsec, memory, peakMemory, memoryLimit, pids,
 * oomKills; what is not offered is left out. */
void accounting_write(struct json_writer *writer, const struct accounting *accounting);

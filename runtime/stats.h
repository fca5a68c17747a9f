/* What the kernel counts for a container, as the JSON that engines read. */
#pragma once

#include "spec/json.h"
#include "state/record.h"

/*
 * Writes the object of stats.def, read from the cgroup's directories as they are now. What is not
 * counted on this host is left out. Pages and texts are in arena.
 */
void stats_write(struct json_writer *writer, const struct spec_cgroup_directory_list *directories,
	struct arena *arena);

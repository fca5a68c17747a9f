/* Resources on their way to steps: collected by cgroup/compile.c, those for devices by
 * cgroup/compile_devices.c. */
#pragma once

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/values.h"
#include "runtime/plan/compile.h"

struct bpf_insn;

/* One limit step to be. */
struct limit_line {
	struct limit_line *next;
	const void *origin;
	uint32_t hierarchy; /* index into host->hierarchies and place->directories */
	const char *file;
	const char *value;
};

struct limits {
	struct plan_builder *builder;
	const struct cgroup_host *host;
	const struct cgroup_place *place;
	const struct cgroup_change *change; /* NULL: the cgroup is new */
	struct value_source source;
	struct limit_line *first, **end;
	bool filtered;           /* the filter is to be loaded */
	struct bpf_insn *filter; /* v2 device rules */
	uint32_t filter_size;
	uint32_t filter_hierarchy;
	const void *filter_origin;
};

/* Ends the compilation after a pure helper filled err; 0 does nothing. */
void limits_fail(struct limits *limits, int error);
void limits_no_memory(struct limits *limits);

/* Adds a line at the end. */
void limits_add(struct limits *limits, const void *origin, uint32_t hierarchy, const char *file,
	const char *value);

/* Whether the container has a directory in the hierarchy. */
bool limits_placed(const struct limits *limits, uint32_t hierarchy);

/* Device rules: lines (v1) or limits->filter (v2). */
void limits_add_devices(struct limits *limits, const struct spec_resources *resources);

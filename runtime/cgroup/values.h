/* The rows of cgroup/files.def. */
#pragma once

#include <stdbool.h>

#include "runtime/cgroup/conversions.h"

enum { CGROUP_COLUMN_V1, CGROUP_COLUMN_V2, CGROUP_COLUMNS };

struct cgroup_row {
	uint32_t object;      /* offset of the pointer to the object in struct spec_resources */
	uint32_t object_size; /* of the object; 0 when top */
	uint32_t member; /* offset of the property in the object, or in spec_resources when top */
	uint32_t size;   /* of the property */
	uint32_t item;   /* size of an entry when the property is a list, else 0 */
	bool top;
	struct {
		const char *file; /* NULL: this kind of cgroup has none */
		value_conversion convert;
	} columns[CGROUP_COLUMNS];
};

extern const struct cgroup_row cgroup_rows[];
extern const uint32_t cgroup_row_count;

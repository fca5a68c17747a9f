/* The rows of cgroup_files.def and their conversions: from a property to the text that the kernel
 * reads. All pure. */
#pragma once

#include <stdint.h>

#include "spec/spec.h"

/* What conversions share. */
struct value_source {
	const struct spec_resources *resources;
	struct arena *arena;
	struct error *err;
	int failed;          /* first -errno */
	const char *warning; /* about the latest property, or NULL */
};

/* One write. */
struct cgroup_value {
	const char *file; /* the row's; a conversion may put its own in place */
	const char *text; /* NULL: nothing asked for, nothing to write */
};

/* Converts the property at address; on an impossible value source->failed is set, source->err
 * filled. */
typedef void (*value_conversion)(
	struct value_source *source, const void *property, struct cgroup_value *value);

enum { CGROUP_COLUMN_V1, CGROUP_COLUMN_V2, CGROUP_COLUMNS };

struct cgroup_row {
	uint32_t object; /* offset of the pointer to the object in struct spec_resources */
	uint32_t member; /* offset of the property in the object, or in spec_resources when top */
	uint32_t item;   /* size of an entry when the property is a list, else 0 */
	bool top;
	struct {
		const char *file; /* NULL: this kind of cgroup has none */
		value_conversion convert;
	} columns[CGROUP_COLUMNS];
};

extern const struct cgroup_row cgroup_rows[];
extern const uint32_t cgroup_row_count;

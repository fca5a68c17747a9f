/* The conversions of cgroup/files.def (cgroup/values*.c): from a property to the text that the
 * kernel reads. All pure. */
#pragma once

#include <stdint.h>

#include "spec/spec.h"

/* What conversions share. */
struct value_source {
	const struct spec_resources *resources;
	const struct spec_resources *previous; /* update: what is in force; else NULL */
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

#define CONVERSION(name) \
	void value_##name( \
		struct value_source *source, const void *property, struct cgroup_value *value)

/* Those of the table; a name that several rows have is declared as often. */
#define LIMIT(object, member, v1_file, v1_value, v2_file, v2_value) \
	CONVERSION(v1_value); \
	CONVERSION(v2_value);
#define LIST(object, member, item, ...) LIMIT(object, member, __VA_ARGS__)
#define TOP_LIST(member, item, ...) LIMIT(resources, member, __VA_ARGS__)
#include "runtime/cgroup/files.def"
#undef LIMIT
#undef LIST
#undef TOP_LIST

/* Formats into the arena; on failure "", so that nobody meets NULL. */
__attribute__((format(printf, 2, 3))) const char *text_format(
	struct value_source *source, const char *format, ...);

void text_signed(struct value_source *source, int64_t number, struct cgroup_value *value);
void text_unsigned(struct value_source *source, uint64_t number, struct cgroup_value *value);

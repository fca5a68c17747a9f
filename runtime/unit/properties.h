/* What a unit's properties say of the files of its cgroup: the rows of unit/properties.def. Only
 * unit/compile.c includes this. */
#pragma once

#include "runtime/cgroup/limits.h"
#include "runtime/unit/words.h"

/* One property to be. */
struct property {
	struct unit_words *words;
	const struct limits *limits;
	const void *origin; /* of the line */
	const char *name;
};

/* Adds the property with a value that says the same as the text of a file, or nothing. */
typedef void property_convert(const struct property *property, const char *text);

struct property_row {
	const char *file, *name;
	property_convert *convert;
};

extern const struct property_row unit_rows[], unit_instead_rows[];
extern const uint32_t unit_row_count, unit_instead_count;

/* Adds a property of a number; UINT64_MAX is systemd's infinity. */
void property_add_amount(struct unit_words *words, const char *name, uint64_t amount);

/* Gives the lines of quotas what systemd makes of them, with a warning. */
void property_round(struct limits *limits);

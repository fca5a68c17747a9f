/*
 * What a verb finds that looks and changes nothing: `check`, `doctor`, `verify`. A finding says
 * where it is, what it is and, where known, what to do.
 */
#pragma once

#include "spec/error.h"
#include "spec/json.h"

enum severity { SEVERITY_GOOD, SEVERITY_WARNING, SEVERITY_ERROR };

struct finding {
	enum severity severity;
	const char *place; /* JSON pointer, or what it is about; "" is fine */
	const char *text;
	const char *hint; /* or NULL */
};

/* Zero it before use. */
struct findings {
	struct arena arena;
	uint32_t count, room;
	struct finding *items;
};

/* Adds one; the strings are copied. hint may be NULL. Without memory it is lost. */
void finding_add(struct findings *findings, enum severity severity, const char *place,
	const char *text, const char *hint);

/* How many there are of this severity. */
uint32_t findings_count(const struct findings *findings, enum severity severity);

/*
 * Prints them in the order in which they were added: a table, or with json one object
 * {"schema", "findings": [{"severity", "place", "text", "hint"}]}. Returns 0 or -errno with err.
 */
int findings_print(struct findings *findings, const char *schema, bool json, struct error *err);

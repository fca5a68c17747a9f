/* The forms in which `list` and `ps` print containers: a table, JSON, a template, the bare ids. */
#pragma once

#include "runtime/columns.h"
#include "runtime/overview.h"

/* What the two verbs differ in. */
struct listing_form {
	const char *const *headings;
	uint32_t width;
	uint32_t yielding;  /* bit i: heading i's column may be cut to fit the terminal */
	uint32_t status;    /* whose column is the status */
	const char *schema; /* of the JSON object that holds the array; NULL: the array alone */
	/* Fills width cells; strings may be made in arena. */
	void (*cells)(const struct overview *overview, struct arena *arena, const char **cells);
	/* One JSON object in a line, in arena; NULL with err filled. */
	const char *(*object)(
		const struct overview *overview, struct arena *arena, struct error *err);
};

/* Prints the containers that --filter leaves, as --quiet and --format (table, json, or a template
 * whose {{.Field}}s are the headings) of the command say. Returns 0, with --strict 1 when a
 * container is broken, or -errno with err. */
int listing_print(
	const struct command *command, const struct listing_form *form, struct error *err);

/* Whether a format (NULL: table) is JSON; -EINVAL with err when it is neither table nor json. */
int format_is_json(const char *format, struct error *err);

/* Whether --format asks for JSON; -EINVAL with err when it is neither table nor json. */
int listing_is_json(const struct command *command, struct error *err);

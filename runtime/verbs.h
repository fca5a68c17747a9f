/*
 * Verbs and their options. A verb is a row of verbs.def and a function verb_<name>; an option is a row of options.def with
 * its help. Parsing, help, man page words and completion all read these rows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/error.h"

enum option_id {
#define OPTION(id, scope, letter, name, argument, help) OPTION_##id,
#include "runtime/options.def"
#undef OPTION
	OPTIONS
};

enum verb_id {
#define VERB(name, positional, least, most, summary) VERB_##name,
#include "runtime/verbs.def"
#undef VERB
	VERBS
};

/* A parsed command line. Strings belong to argv. */
struct command {
	enum verb_id verb;
	bool given[OPTIONS];
	const char *value[OPTIONS]; /* last one given */
	struct option_values {	    /* every one given, in order, for options that repeat */
		uint32_t count;
		const char **items;
	} values[OPTIONS];
	int argc;
	char **argv; /* positional arguments, NULL-terminated */
};

typedef int (*verb_function)(const struct command *command, struct error *err);

/*
 * Parses globals, verb, options and positionals: --f v, --f=v, -f v, -fv for letters, -long, booleans --f=true|false; options before the first
 * positional; after it everything is positional. Help and version are printed here (returns 1). 0, or -EINVAL with err.
 */
int command_parse(int argc, char **argv, struct command *command, struct error *err);

/* A verb returns the process's exit status (0, a container's code, ...) or a negative errno with err filled. */
#define VERB(name, positional, least, most, summary)                                               \
	int verb_##name(const struct command *command, struct error *err);
#include "runtime/verbs.def"
#undef VERB

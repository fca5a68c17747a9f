/*
 * Verbs and their options. A verb is a row of verbs.def and a function verb_<name>; an option is a
 * row of options.def with its help. Parsing, help, man page words and completion all read these
 * rows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/error.h"

enum option_id {
#define OPTION(id, scope, letter, name, argument, help) OPTION_##id,
#include "runtime/verb/options.def"
#undef OPTION
	OPTIONS
};

enum verb_id {
#define VERB(name, positional, least, most, summary) VERB_##name,
#include "runtime/verb/verbs.def"
#undef VERB
	VERBS
};

/* A parsed command line. Strings belong to argv. */
struct command {
	enum verb_id verb;
	bool given[OPTIONS];        /* for a boolean: given and not taken back by =false */
	const char *value[OPTIONS]; /* last one given */
	struct option_values {      /* every one given, in order, for options that repeat */
		uint32_t count;
		const char **items; /* one: its place in value; more: never freed */
	} values[OPTIONS];
	bool separated; /* "--" stood before the first positional argument */
	int argc;
	char **argv; /* positional arguments, NULL-terminated */
};

typedef int (*verb_function)(const struct command *command, struct error *err);

/*
 * Parses globals, verb, options and positionals: --f v, --f=v, -f v, -fv for letters, -long,
 * booleans --f=true|false; options before the first positional; after it everything is positional.
 * Help and version are printed here (returns 1). 0, or -EINVAL with err.
 */
int command_parse(int argc, char **argv, struct command *command, struct error *err);

/*
 * Refuses options that mean nothing without another one, or do not go together (pairs.def). Part of
 * command_parse. Returns 0, or -EINVAL with err.
 */
int pairs_check(const struct command *command, struct error *err);

/* A verb returns the process's exit status (0, a container's code, ...) or a negative errno with
 * err filled. */
#define VERB(name, positional, least, most, summary) \
	int verb_##name(const struct command *command, struct error *err);
#include "runtime/verb/verbs.def"
#undef VERB

/*
 * What `delete --force` does, for who has made a container and fails after all. root: what --root
 * says, or NULL. Returns 0 or -errno with err.
 */
int verb_take_back(const char *root, const char *id, struct error *err);

/* The rows of both tables, for whoever prints or searches them. */
struct option_row {
	const char *name;
	const char *argument; /* placeholder of its value, or NULL for a boolean */
	const char *help;
	uint64_t scope; /* OPTION_GLOBAL, or one OPTION_OF bit for each verb that takes it */
	char letter;    /* short form, or 0 */
};

struct verb_row {
	const char *name;
	const char *positional;
	const char *summary;
	int least, most; /* positional arguments; most -1: any number */
	verb_function function;
};

#define OPTION_OF(verb) (UINT64_C(1) << (verb))
#define OPTION_GLOBAL (UINT64_C(1) << VERBS)
#define OPTION_ANYWHERE UINT64_MAX
_Static_assert(VERBS < 64, "a scope is a word of bits");

extern const struct option_row option_rows[OPTIONS];
extern const struct verb_row verb_rows[VERBS];

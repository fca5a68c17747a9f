/*
 * The two tables of the command line, spread out once, so that the parser, the help pages and
 * whatever lists them later walk the same rows. And the one verb that others carry out themselves.
 */
#include "runtime/verb/verbs.h"

#define GLOBAL OPTION_GLOBAL
#define ANYWHERE OPTION_ANYWHERE
#define V(verb) OPTION_OF(VERB_##verb)

const struct option_row option_rows[OPTIONS] = {
#define OPTION(id, where, short_form, long_form, placeholder, text) \
	[OPTION_##id] = {.name = long_form, \
		.argument = placeholder, \
		.help = text, \
		.scope = where, \
		.letter = short_form},
#include "runtime/verb/options.def"
#undef OPTION
};

const struct verb_row verb_rows[VERBS] = {
#define VERB(id, positionals, fewest, largest, text) \
	[VERB_##id] = {.name = #id, \
		.positional = positionals, \
		.summary = text, \
		.least = fewest, \
		.most = largest, \
		.function = verb_##id},
#include "runtime/verb/verbs.def"
#undef VERB
};

int verb_take_back(const char *root, const char *id, struct error *err)
{
	char *words[] = {(char *)id, NULL};
	struct command command = {.verb = VERB_delete, .argc = 1, .argv = words};

	command.value[OPTION_root] = root;
	command.given[OPTION_force] = true;
	return verb_delete(&command, err);
}

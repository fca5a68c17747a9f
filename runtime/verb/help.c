/*
 * Help says what the tables say. Engines read the version's three lines by their words, and some
 * insist on the name "runc" in the first: the name shown is the one that we were called by.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/verb/help.h"
#include "spec/spec.h"

const char *program_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!path || !*path)
		return "mydocker";
	return slash ? slash + 1 : path;
}

/* "-b, --bundle DIR": written to buffer; returns its width. */
static int option_words(const struct option_row *row, char *buffer, size_t size)
{
	char letter[8] = "    ";

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	return snprintf(buffer, size, "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
		row->argument ? row->argument : "");
}

/* The options of a scope, their help aligned behind the widest. */
static void options_print(uint64_t scope)
{
	char words[128];
	int widest = 0;

	for (int id = 0; id < OPTIONS; id++) {
		if (!(option_rows[id].scope & scope))
			continue;
		int width = option_words(&option_rows[id], words, sizeof(words));
		if (width > widest)
			widest = width;
	}
	for (int id = 0; id < OPTIONS; id++) {
		if (!(option_rows[id].scope & scope))
			continue;
		option_words(&option_rows[id], words, sizeof(words));
		printf("  %-*s  %s\n", widest, words, option_rows[id].help);
	}
}

int help_print(const char *program)
{
	const char *name = program_name(program);

	printf("NAME:\n   %s - Open Container Initiative runtime: creates and runs containers from "
	       "bundles\n\n",
		name);
	printf("USAGE:\n   %s [OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n\nCOMMANDS:\n", name);
	for (int verb = 0; verb < VERBS; verb++)
		printf("  %-10s %s\n", verb_rows[verb].name, verb_rows[verb].summary);
	printf("\nOPTIONS, before the command:\n");
	options_print(OPTION_GLOBAL);
	printf("\n%s COMMAND --help tells the options of a command.\n", name);
	return 1;
}

int help_print_verb(const char *program, enum verb_id verb)
{
	const struct verb_row *row = &verb_rows[verb];

	const char *name = program_name(program);

	printf("NAME:\n   %s %s - %s\n\n", name, row->name, row->summary);
	printf("USAGE:\n   %s %s [OPTION...]%s%s\n\nOPTIONS:\n", name, row->name,
		*row->positional ? " " : "", row->positional);
	options_print(OPTION_OF(verb));
	return 1;
}

int version_print(const char *program)
{
	printf("%s version %s\ncommit: %s\nspec: %s\n", program_name(program), MYDOCKER_VERSION,
		MYDOCKER_COMMIT, SPEC_VERSION);
	return 1;
}

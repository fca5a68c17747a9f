/*
 * The command line. Engines write it in every form that Go's flag packages accept (--f v, --f=v, -f
 * v, -long), so the forms are parsed here by hand, once, for all verbs: getopt knows neither
 * single-dash long options nor booleans with a value. What may be given where is only in the
 * tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/verb/help.h"
#include "runtime/verb/verbs.h"
#include "spec/names.h"

/* Where the parser stands: argv[next] is not read yet. */
struct cursor {
	int argc;
	char **argv;
	int next;
	uint64_t scope; /* which options count here */
};

static bool option_has_name(const struct option_row *row, const char *name, size_t length)
{
	return strlen(row->name) == length && memcmp(row->name, name, length) == 0;
}

/* The option of this scope with a long name, or OPTIONS. */
static enum option_id option_named(uint64_t scope, const char *name, size_t length)
{
	for (int id = 0; id < OPTIONS; id++)
		if ((option_rows[id].scope & scope) &&
			option_has_name(&option_rows[id], name, length))
			return id;
	return OPTIONS;
}

static enum option_id option_lettered(uint64_t scope, char letter)
{
	for (int id = 0; id < OPTIONS; id++)
		if ((option_rows[id].scope & scope) && option_rows[id].letter == letter)
			return id;
	return OPTIONS;
}

/* The long option of this scope that somebody may have meant, or NULL. */
static const char *option_nearest(uint64_t scope, const char *name, size_t length)
{
	static struct name names[OPTIONS];
	struct name_set set = {"flag", 0, names};
	char word[64];

	for (int id = 0; id < OPTIONS; id++)
		if (option_rows[id].scope & scope)
			names[set.count++] = (struct name){option_rows[id].name, id};
	snprintf(word, sizeof(word), "%.*s", (int)length, name);
	return names_nearest(&set, word);
}

static int option_undefined(uint64_t scope, const char *name, size_t length, struct error *err)
{
	const char *nearest = length > 1 ? option_nearest(scope, name, length) : NULL;

	error_set(err, ERROR_USAGE, EINVAL, "flag provided but not defined: -%.*s", (int)length,
		name);
	error_value(err, "%.*s", (int)length, name);
	if (nearest)
		error_hint(err, "did you mean --%s?", nearest);
	return -EINVAL;
}

/* The words that Go's strconv.ParseBool takes. */
static const struct {
	const char *word;
	bool value;
} booleans[] = {{"true", true}, {"false", false}, {"1", true}, {"0", false}, {"t", true},
	{"f", false}, {"T", true}, {"F", false}, {"TRUE", true}, {"FALSE", false}, {"True", true},
	{"False", false}};

static int boolean_store(
	struct command *command, enum option_id id, const char *value, struct error *err)
{
	for (size_t i = 0; i < array_size(booleans); i++)
		if (strcmp(value ? value : "true", booleans[i].word) == 0) {
			command->given[id] = booleans[i].value;
			return 0;
		}
	return error_set(err, ERROR_USAGE, EINVAL, "invalid boolean value \"%s\" for -%s", value,
		option_rows[id].name);
}

static int value_store(
	struct command *command, enum option_id id, const char *value, struct error *err)
{
	struct option_values *values = &command->values[id];
	const char **items = values->items;

	command->given[id] = true;
	if (values->count == 0) {
		/* most are given once, and a heap that nobody needs is not set up */
		command->value[id] = value;
		*values = (struct option_values){1, &command->value[id]};
		return 0;
	}
	items = reallocarray(values->count == 1 ? NULL : items, values->count + 1, sizeof(*items));
	if (!items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (values->count == 1)
		items[0] = command->value[id];
	items[values->count++] = value;
	values->items = items;
	command->value[id] = value;
	return 0;
}

/* Stores an option whose value, if it has been written with the option, is attached (else NULL). */
static int option_store(struct cursor *cursor, struct command *command, enum option_id id,
	const char *attached, struct error *err)
{
	if (!option_rows[id].argument)
		return boolean_store(command, id, attached, err);
	if (!attached) {
		if (cursor->next >= cursor->argc)
			return error_set(err, ERROR_USAGE, EINVAL, "flag needs an argument: -%s",
				option_rows[id].name);
		attached = cursor->argv[cursor->next++];
	}
	return value_store(command, id, attached, err);
}

/* Letters after one dash: booleans in a row; the first that takes a value takes the rest. */
static int letters_store(
	struct cursor *cursor, struct command *command, const char *letters, struct error *err)
{
	for (const char *at = letters; *at; at++) {
		enum option_id id = option_lettered(cursor->scope, *at);
		const char *rest = at[1] == '=' ? at + 2 : at[1] ? at + 1 : NULL;

		if (id == OPTIONS)
			return option_undefined(cursor->scope, letters, strcspn(letters, "="), err);
		if (option_rows[id].argument || at[1] == '=')
			return option_store(cursor, command, id, rest, err);
		command->given[id] = true;
	}
	return 0;
}

/* One argument that begins with a dash. */
static int option_parse(
	struct cursor *cursor, struct command *command, const char *argument, struct error *err)
{
	bool two_dashes = argument[1] == '-';
	const char *name = argument + (two_dashes ? 2 : 1);
	size_t length = strcspn(name, "=");
	enum option_id id = option_named(cursor->scope, name, length);

	if (id != OPTIONS)
		return option_store(
			cursor, command, id, name[length] == '=' ? name + length + 1 : NULL, err);
	if (two_dashes)
		return option_undefined(cursor->scope, name, length, err);
	return letters_store(cursor, command, name, err);
}

/* Options up to the first argument that is none; "--" ends them and is left out. */
static int options_parse(struct cursor *cursor, struct command *command, struct error *err)
{
	while (cursor->next < cursor->argc) {
		const char *argument = cursor->argv[cursor->next];

		if (argument[0] != '-' || argument[1] == '\0')
			return 0;
		cursor->next++;
		if (strcmp(argument, "--") == 0) {
			command->separated = true;
			return 0;
		}
		int result = option_parse(cursor, command, argument, err);
		if (result < 0)
			return result;
	}
	return 0;
}

static const struct name verb_names[] = {
#define VERB(id, positional, least, most, summary) {#id, VERB_##id},
#include "runtime/verb/verbs.def"
#undef VERB
};
static const struct name_set verb_set = {"command", VERBS, verb_names};

/* Whether the next word asks for help. */
static bool help_asked(const struct cursor *cursor)
{
	const char *next = cursor->next < cursor->argc ? cursor->argv[cursor->next] : "";

	return strcmp(next, "-h") == 0 || strcmp(next, "--help") == 0;
}

static int verb_parse(struct cursor *cursor, struct command *command, struct error *err)
{
	const char *word = cursor->argv[cursor->next++];
	const struct name *name = names_find(&verb_set, word);

	if (!name) {
		const char *nearest = names_nearest(&verb_set, word);

		error_set(err, ERROR_USAGE, EINVAL,
			help_asked(cursor) ? "No help topic for '%s'" : "unknown command \"%s\"",
			word);
		if (nearest)
			error_hint(err, "did you mean \"%s\"?", nearest);
		error_hint(err, "see --help"); /* unless there is one already */
		return -EINVAL;
	}
	command->verb = name->value;
	cursor->scope = OPTION_OF(command->verb);
	return 0;
}

/* True when options behind the first argument are somebody else's: a command's, or those of ps. */
static bool verb_passes_on(enum verb_id verb)
{
	return verb == VERB_run || verb == VERB_exec || verb == VERB_ps;
}

/* People write options behind the id as well: what is no option moves to the front. */
static int arguments_gather(struct cursor *cursor, struct command *command, struct error *err)
{
	command->argv = cursor->argv + cursor->next;
	while (cursor->next < cursor->argc) {
		int result = command->separated ? 0 : options_parse(cursor, command, err);

		if (result < 0)
			return result;
		if (cursor->next < cursor->argc)
			command->argv[command->argc++] = cursor->argv[cursor->next++];
	}
	return 0;
}

static int positionals_parse(struct cursor *cursor, struct command *command, struct error *err)
{
	const struct verb_row *verb = &verb_rows[command->verb];

	if (verb_passes_on(command->verb)) {
		command->argc = cursor->argc - cursor->next;
		command->argv = cursor->argv + cursor->next;
	}
	if (command->argc < verb->least || (verb->most >= 0 && command->argc > verb->most)) {
		error_set(err, ERROR_USAGE, EINVAL, "%s takes %s, not %d argument%s", verb->name,
			verb->most ? verb->positional : "no arguments", command->argc,
			command->argc == 1 ? "" : "s");
		error_hint(err, "see %s --help", verb->name);
		return -EINVAL;
	}
	return 0;
}

int command_parse(int argc, char **argv, struct command *command, struct error *err)
{
	struct cursor cursor = {.argc = argc, .argv = argv, .next = 1, .scope = OPTION_GLOBAL};
	int result;

	*command = (struct command){.verb = VERBS};
	result = options_parse(&cursor, command, err);
	if (result < 0)
		return result;
	if (command->given[OPTION_version] || command->given[OPTION_version_crun])
		return version_print(argv[0]);
	if (command->given[OPTION_help] || cursor.next >= argc)
		return help_print(argv[0]);
	result = verb_parse(&cursor, command, err);
	if (result < 0)
		return result;
	result = options_parse(&cursor, command, err);
	if (result == 0 && !verb_passes_on(command->verb))
		result = arguments_gather(&cursor, command, err);
	if (result < 0)
		return result;
	if (command->given[OPTION_help])
		return help_print_verb(argv[0], command->verb);
	result = positionals_parse(&cursor, command, err);
	return result < 0 ? result : pairs_check(command, err);
}

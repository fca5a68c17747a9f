/* Every form in which engines and people write options, and what is refused. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/verb/verbs.h"
#include "tests/unit/tap.h"

#define WORDS 16

/* Parses "mydocker" and the words of a line that are separated by one blank. */
static int parse(const char *line, struct command *command, struct error *err)
{
	static char text[256];
	static char *argv[WORDS + 1];
	static struct command last; /* owns the lists of values until the next line */
	int argc = 0, result;

	snprintf(text, sizeof(text), "mydocker %s", line);
	for (char *word = strtok(text, " "); word && argc < WORDS; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	*err = (struct error){0};
	for (int i = 0; i < OPTIONS; i++)
		if (last.values[i].count > 1)
			free(last.values[i].items);
	result = command_parse(argc, argv, command, err);
	last = *command;
	return result;
}

/* One line in which an option of create has the value "X". */
static void check_value(const char *line, enum option_id id)
{
	struct command command;
	struct error err;

	if (ok(parse(line, &command, &err) == 0, "%s: is understood", line))
		is_string(command.value[id], "X", "%s: its value", line);
}

static void check_boolean(const char *line, enum option_id id, bool expected)
{
	struct command command;
	struct error err;

	ok(parse(line, &command, &err) == 0 && command.given[id] == expected, "%s: %s", line,
		expected ? "set" : "not set");
}

static void check_refused(const char *line, const char *message)
{
	struct command command;
	struct error err;

	ok(parse(line, &command, &err) == -EINVAL && err.code == ERROR_USAGE, "%s: is refused",
		line);
	is_string(err.message, message, "%s: says so", line);
}

static void test_forms(void)
{
	check_value("create --bundle X c", OPTION_bundle);
	check_value("create --bundle=X c", OPTION_bundle);
	check_value("create -bundle X c", OPTION_bundle);
	check_value("create -bundle=X c", OPTION_bundle);
	check_value("create -b X c", OPTION_bundle);
	check_value("create -bX c", OPTION_bundle);
	check_value("create -b=X c", OPTION_bundle);
	check_value("--root X list", OPTION_root);
	check_value("--log-format=X --root y list", OPTION_log_format);
	check_value("create --bundle y --bundle X c", OPTION_bundle);
	check_boolean("run --detach c", OPTION_detach, true);
	check_boolean("run -d c", OPTION_detach, true);
	check_boolean("run -detach c", OPTION_detach, true);
	check_boolean("run --detach=true c", OPTION_detach, true);
	check_boolean("run --detach=false c", OPTION_detach, false);
	check_boolean("run --detach --detach=false c", OPTION_detach, false);
	check_boolean("run c", OPTION_detach, false);
	check_boolean("ps -aq", OPTION_all, true);
	check_boolean("ps -aq", OPTION_quiet, true);
	check_boolean("exec -td c true", OPTION_tty, true);
	/* one letter, another option for each verb */
	check_boolean("delete -f c", OPTION_force, true);
	check_boolean("logs -f c", OPTION_follow, true);
	check_value("list -f X", OPTION_format);
}

static void test_positionals(void)
{
	struct command command;
	struct error err;

	ok(parse("exec -e A=1 -e B=2 c ls --force -x", &command, &err) == 0,
		"what follows the first positional is positional");
	ok(command.verb == VERB_exec && command.argc == 4, "four of them");
	is_string(command.argv[0], "c", "the id");
	is_string(command.argv[2], "--force", "the command's own option");
	ok(command.argv[4] == NULL, "the list ends with NULL");
	ok(command.values[OPTION_env].count == 2, "an option that repeats keeps all values");
	is_string(command.values[OPTION_env].items[0], "A=1", "in order");
	is_string(command.value[OPTION_env], "B=2", "the last one is the value");
	ok(parse("delete -- -c", &command, &err) == 0 && command.argc == 1,
		"-- ends the options and is left out");
	is_string(command.argv[0], "-c", "an argument that begins with a dash");
	ok(parse("kill c 9", &command, &err) == 0 && command.argc == 2, "kill ID SIGNAL");
}

static void test_refusals(void)
{
	check_refused("create --nosuch c", "flag provided but not defined: -nosuch");
	check_refused("create -nosuch=1 c", "flag provided but not defined: -nosuch");
	check_refused("create -x c", "flag provided but not defined: -x");
	check_refused("create --root X c", "flag provided but not defined: -root");
	check_refused("--bundle X create c", "flag provided but not defined: -bundle");
	check_refused("create --bundle", "flag needs an argument: -bundle");
	check_refused("create -b", "flag needs an argument: -bundle");
	check_refused("run --detach=maybe c", "invalid boolean value \"maybe\" for -detach");
	check_refused("nosuch", "unknown command \"nosuch\"");
	check_refused("create", "create takes ID, not 0 arguments");
	check_refused("create a b", "create takes ID, not 2 arguments");
	check_refused("features x", "features takes no arguments, not 1 argument");
}

static void test_suggestion(void)
{
	struct command command;
	struct error err;

	parse("craete c", &command, &err);
	is_string(err.hint, "did you mean \"create\"?", "a misspelt command is recognised");
}

/* The tables themselves: within one scope no name and no letter may mean two things. */
static void test_tables(void)
{
	unsigned int clashes = 0, helpless = 0;

	for (int a = 0; a < OPTIONS; a++) {
		helpless += !option_rows[a].help[0];
		for (int b = a + 1; b < OPTIONS; b++) {
			const struct option_row *one = &option_rows[a], *other = &option_rows[b];

			if (one->scope & other->scope)
				clashes += strcmp(one->name, other->name) == 0 ||
					(one->letter && one->letter == other->letter);
		}
	}
	ok(clashes == 0, "no option of a verb has another's name or letter");
	ok(helpless == 0, "every option has its help");
}

int main(void)
{
	test_forms();
	test_positionals();
	test_refusals();
	test_suggestion();
	test_tables();
	return tap_end();
}

/* Options that are refused beside, or without, others: rows, looked at before the verb begins. */
#include <errno.h>
#include <stdio.h>

#include "nsexec/cleanup.h"
#include "runtime/verb/verbs.h"

/* What an option can stand beside, besides other options. */
enum { OPTION_ID = OPTIONS, OPTION_COMMAND };

#define V(verb) OPTION_OF(VERB_##verb)

static const struct pair {
	uint64_t scope;
	int option, other;
	bool together; /* they belong together; else one excludes the other */
} pairs[] = {
#define NEEDS(verbs, id, with) {verbs, OPTION_##id, OPTION_##with, true},
#define EXCLUDES(verbs, id, with) {verbs, OPTION_##id, OPTION_##with, false},
#include "runtime/verb/pairs.def"
#undef NEEDS
#undef EXCLUDES
};

static bool other_is_there(const struct command *command, int other)
{
	return other < OPTIONS ? command->given[other] : command->argc > other - OPTION_ID;
}

static int pair_refuse(const struct pair *pair, struct error *err)
{
	const char *name = option_rows[pair->option].name;
	char other[64];

	if (pair->other < OPTIONS)
		snprintf(other, sizeof(other), "--%s", option_rows[pair->other].name);
	else
		snprintf(other, sizeof(other), "%s",
			pair->other == OPTION_ID ? "an ID" : "a COMMAND");
	return error_set(err, ERROR_USAGE, EINVAL,
		pair->together ? "--%s means nothing without %s" : "--%s and %s do not go together",
		name, other);
}

int pairs_check(const struct command *command, struct error *err)
{
	for (size_t i = 0; i < array_size(pairs); i++)
		if ((pairs[i].scope & OPTION_OF(command->verb)) &&
			command->given[pairs[i].option] &&
			other_is_there(command, pairs[i].other) != pairs[i].together)
			return pair_refuse(&pairs[i], err);
	return 0;
}

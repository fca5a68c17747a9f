/*
 * Whoever removes many containers at once names them, or what their ids have in common. The ids are
 * gathered before anything is done to one of them, since the directory must not change while it is
 * read.
 */
#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <string.h>

#include "runtime/matching.h"
#include "runtime/report.h"
#include "spec/arena.h"
#include "state/store.h"

#define IDS_MAX 4096

struct matching {
	const regex_t *pattern;
	struct arena arena;
	uint32_t count;
	const char *ids[IDS_MAX];
};

static int id_gather(const char *id, int root_fd, void *context)
{
	struct matching *matching = context;

	if (regexec(matching->pattern, id, 0, NULL, 0) != 0)
		return 0;
	if (matching->count == IDS_MAX)
		return -E2BIG;
	matching->ids[matching->count] = arena_copy(&matching->arena, id, strlen(id));
	return matching->ids[matching->count++] ? 0 : -ENOMEM;
}

static int word_match(const struct command *command, const char *word, struct matching *matching,
	struct error *err)
{
	char root[PATH_MAX];
	regex_t pattern;
	int result = store_root(command->value[OPTION_root], root, sizeof(root), err);

	if (result < 0)
		return result;
	if (regcomp(&pattern, word, REG_EXTENDED | REG_NOSUB) != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"\"%s\" is not an extended regular expression", word);
	matching->pattern = &pattern;
	result = store_each(root, id_gather, matching, err);
	regfree(&pattern);
	if (result < 0)
		error_set(err, ERROR_STATE, -result, "cannot gather the containers: %s",
			strerror(-result));
	return result;
}

static int ids_visit(const struct command *command, const char *const *ids, uint32_t count,
	int (*visit)(const struct command *command, const char *id, struct error *err),
	struct error *err)
{
	int result = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct error own = {0};
		int one = visit(command, ids[i], &own);

		if (one < 0 && result < 0)
			report_error(verb_rows[command->verb].name, &own);
		if (one < 0 && result == 0) {
			*err = own;
			result = one;
		}
	}
	return result;
}

int matching_each(const struct command *command, int words,
	int (*visit)(const struct command *command, const char *id, struct error *err),
	struct error *err)
{
	static struct matching matching;
	int result = 0;

	if (!command->given[OPTION_regex])
		return ids_visit(
			command, (const char *const *)command->argv, (uint32_t)words, visit, err);
	for (int i = 0; i < words && result == 0; i++)
		result = word_match(command, command->argv[i], &matching, err);
	if (result == 0)
		result = ids_visit(command, matching.ids, matching.count, visit, err);
	arena_free(&matching.arena);
	return result;
}

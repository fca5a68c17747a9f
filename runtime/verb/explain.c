/* explain: what a code of an error means, and what mostly helps. The log has the codes; people meet
 * them later, without the machine. */
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "nsexec/cleanup.h"
#include "runtime/columns.h"
#include "runtime/verb/verbs.h"
#include "spec/names.h"

static const struct name code_names[] = {
#define CODE(name, meaning, status, advice) {#name, ERROR_##name},
#include "spec/error.def"
#undef CODE
};
static const struct name_set code_set = {"code", array_size(code_names), code_names};

static void all_print(void)
{
	static const char *const headings[] = {"CODE", "MEANING"};
	struct arena arena = {0};
	struct columns columns;

	columns_begin(&columns, &arena, headings, array_size(headings));
	for (int code = ERROR_NONE + 1; code < ERROR_CODES; code++)
		columns_add(&columns,
			(const char *const[]){error_code_name(code), error_code_meaning(code)});
	columns_print(&columns);
	arena_free(&arena);
}

int verb_explain(const struct command *command, struct error *err)
{
	const char *word = command->argv[0], *nearest;

	if (command->argc == 0) {
		all_print();
		return 0;
	}
	for (int code = ERROR_NONE + 1; code < ERROR_CODES; code++)
		if (strcasecmp(word, error_code_name(code)) == 0) {
			printf("%s: %s\n%s\n", error_code_name(code), error_code_meaning(code),
				error_code_advice(code));
			return 0;
		}
	error_set(err, ERROR_USAGE, EINVAL, "unknown code \"%s\"", word);
	nearest = names_nearest(&code_set, word);
	if (nearest)
		error_hint(err, "did you mean \"%s\"?", nearest);
	error_hint(err, "`explain` alone lists them");
	return -EINVAL;
}

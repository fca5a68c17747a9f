/* state: what engines ask most often, so it reads one small file and asks the kernel about one
 * process. */
#include <stdio.h>

#include "runtime/existing.h"
#include "runtime/overview.h"

static int state_print(const struct existing *existing, struct error *err)
{
	struct overview overview = {
		.id = existing->container.id,
		.known = true,
		.status = status_derive(&existing->record),
		.record = existing->record,
	};
	struct arena arena = {0};
	const char *text = overview_encode(&overview, 2, &arena, err);

	if (text != NULL)
		fputs(text, stdout);
	arena_free(&arena);
	return text != NULL ? 0 : -err->number;
}

int verb_state(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result =
		existing_enter(&existing, command->value[OPTION_root], command->argv[0], 0, err);

	if (result == 0)
		result = state_print(&existing, err);
	existing_free(&existing);
	return result;
}

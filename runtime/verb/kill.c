/* kill: a signal, TERM unless another is named, to the container's first process or to all. */
#include <signal.h>

#include "runtime/existing.h"
#include "runtime/matching.h"
#include "runtime/signal.h"

static int kill_one(const struct command *command, const char *id, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int signal = SIGTERM;
	int result = command->argc > 1 ? signal_read(command->argv[1], &signal, err) : 0;

	if (result == 0)
		result = existing_enter(&existing, command->value[OPTION_root], id, 0, err);
	if (result == 0)
		result =
			container_signal(&existing.record, signal, command->given[OPTION_all], err);
	existing_free(&existing);
	return result;
}

int verb_kill(const struct command *command, struct error *err)
{
	return matching_each(command, 1, kill_one, err);
}

/*
 * create: a container up to the point where only its program is missing. Whoever called us gets the
 * process as a child of its subreaper, and may read the pid file as soon as we are gone.
 */
#include "nsexec/cleanup.h"
#include "runtime/console_socket.h"
#include "runtime/creation.h"

static int create_container(
	struct creation *creation, const struct command *command, struct error *err)
{
	int result = console_socket_use(true, &creation->spec, creation->spec.config.process,
		command->value[OPTION_console_socket], &creation->console, err);

	if (result == 0)
		result = creation_make(creation, err);
	if (result == 0)
		result = creation_finish(creation, command, err);
	if (result < 0)
		return result;
	result = walk_keep(&creation->walk, err);
	if (result < 0)
		creation_destroy(creation);
	return result;
}

int verb_create(const struct command *command, struct error *err)
{
	struct creation creation = CREATION_NONE;
	int result = creation_plan(&creation, command, command->argv[0], true, err);

	if (result == 0)
		result = command->given[OPTION_dry_run] ? creation_print(&creation, command, err)
							: create_container(&creation, command, err);
	return result; /* what is open and mapped ends with this process */
}

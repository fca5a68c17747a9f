/*
 * run: create, start and, in the foreground, wait and delete, in one process that stays the parent,
 * so that no door is needed and the program's end is ours to see. In the background that parent is
 * the monitor (run_detached.c).
 */
#include <errno.h>
#include <sys/random.h>

#include "nsexec/cleanup.h"
#include "runtime/console.h"
#include "runtime/console_socket.h"
#include "runtime/foreground.h"
#include "runtime/run_detached.h"
#include "runtime/short_id.h"

static int id_invent(char id[ID_DIGITS + 1], struct error *err)
{
	unsigned char bytes[ID_DIGITS];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_set(err, ERROR_SYSTEM, errno, "cannot get random numbers: %m");
	for (int i = 0; i < ID_DIGITS; i++)
		id[i] = (char)('0' + bytes[i] % 10);
	id[ID_DIGITS] = '\0';
	return 0;
}

/* Up to the running program; *master is the terminal's, or -1. */
static int run_begin(
	struct creation *creation, const struct command *command, int *master, struct error *err)
{
	auto_fd int ours = -1;
	int result = 0;

	if (creation->terminal)
		result = console_pair(&ours, &creation->console, err);
	if (result == 0)
		result = creation_make(creation, err);
	if (result == 0)
		result = creation_finish(creation, command, err);
	if (result == 0 && creation->terminal) {
		*master = console_receive(ours, err);
		if (*master < 0) {
			creation_destroy(creation);
			result = *master;
		}
	}
	return result < 0 ? result : creation_start(creation, err);
}

static int run_foreground(
	struct creation *creation, const struct command *command, struct error *err)
{
	auto_fd int master = -1;
	int result = console_socket_use(false, &creation->spec, creation->spec.config.process,
		command->value[OPTION_console_socket], &creation->console, err);
	if (result < 0)
		return result;
	foreground_begin();
	if (!command->given[OPTION_no_subreaper])
		foreground_adopt();
	result = run_begin(creation, command, &master, err);
	if (result < 0)
		return result;
	return creation_attend(creation, master, command->given[OPTION_keep], err);
}

/* NULL: none. */
static const char *id_given(const struct command *command)
{
	if (command->value[OPTION_name])
		return command->value[OPTION_name];
	return command->argc > 0 && !command->separated ? command->argv[0] : NULL;
}

int verb_run(const struct command *command, struct error *err)
{
	struct creation creation = CREATION_NONE;
	char invented[ID_DIGITS + 1];
	const char *id = id_given(command);
	int result = id ? 0 : id_invent(invented, err);

	if (result == 0)
		result = creation_plan(&creation, command, id ? id : invented, false, err);
	if (result == 0) {
		if (command->given[OPTION_dry_run])
			result = creation_print(&creation, command, err);
		else if (command->given[OPTION_detach])
			result = run_detached(&creation, command, err);
		else
			result = run_foreground(&creation, command, err);
	}
	return result; /* what is open and mapped ends with this process */
}

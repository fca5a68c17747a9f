/*
 * A person types a command and a few changes; an engine writes a whole process document. Both end
 * as one struct spec_process, checked by the same rules as the container's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "runtime/environment.h"
#include "runtime/exec_process.h"
#include "runtime/number.h"
#include "runtime/user.h"
#include "spec/names.h"

static int memory_missing(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

/* A new list: the first, then the words of an option. */
static int list_extend(struct arena *arena, struct string_list *list,
	const struct option_values *more, struct error *err)
{
	const char **items = arena_alloc(arena, (list->count + more->count) * sizeof(*items));

	if (!items)
		return memory_missing(err);
	for (uint32_t i = 0; i < list->count; i++)
		items[i] = list->items[i];
	for (uint32_t i = 0; i < more->count; i++)
		items[list->count + i] = more->items[i];
	*list = (struct string_list){
		.count = list->count + more->count, .given = true, .items = items};
	return 0;
}

/* A bundle's unknown words are left out, as the specification has it; a person has mistyped. */
static int capabilities_check(const struct option_values *words, struct error *err)
{
	for (uint32_t i = 0; i < words->count; i++) {
		const char *word = words->items[i], *nearest;

		if (names_find(&names_capability, word))
			continue;
		nearest = names_nearest(&names_capability, word);
		error_set(err, ERROR_USAGE, EINVAL, "unknown capability \"%s\"", word);
		error_value(err, "%s", word);
		if (nearest)
			error_hint(err, "did you mean %s?", nearest);
		return -EINVAL;
	}
	return 0;
}

/* --cap adds to every set but the inheritable one; what that holds may then be ambient, too. */
static int capabilities_extend(struct arena *arena, struct spec_process *process,
	const struct option_values *more, struct error *err)
{
	struct spec_capabilities *sets = arena_alloc(arena, sizeof(*sets));
	int result = sets ? capabilities_check(more, err) : memory_missing(err);

	if (result < 0)
		return result;
	if (process->capabilities)
		*sets = *process->capabilities;
	process->capabilities = sets;
	result = list_extend(arena, &sets->bounding, more, err);
	if (result == 0)
		result = list_extend(arena, &sets->permitted, more, err);
	if (result == 0)
		result = list_extend(arena, &sets->ambient, more, err);
	return result == 0 ? list_extend(arena, &sets->effective, more, err) : result;
}

/* --additional-gids: besides those that the process has. */
static int groups_extend(struct arena *arena, struct spec_process *process,
	const struct option_values *more, struct error *err)
{
	struct spec_user *user = arena_alloc(arena, sizeof(*user));
	uint64_t *gids;
	uint32_t count;

	if (!user)
		return memory_missing(err);
	if (process->user)
		*user = *process->user;
	process->user = user;
	count = user->additional_gids.count;
	gids = arena_alloc(arena, (count + more->count) * sizeof(*gids));
	if (!gids)
		return memory_missing(err);
	for (uint32_t i = 0; i < count; i++)
		gids[i] = user->additional_gids.items[i];
	for (uint32_t i = 0; i < more->count; i++) {
		uint32_t gid;

		if (number_parse(more->items[i], UINT32_MAX - 1, &gid, NULL) < 0)
			return error_set(err, ERROR_USAGE, EINVAL,
				"invalid group \"%s\": not a number", more->items[i]);
		gids[count + i] = gid;
	}
	user->additional_gids.items = gids;
	user->additional_gids.count = count + more->count;
	return 0;
}

static int user_change(struct arena *arena, struct spec_process *process, int root,
	const char *text, struct error *err)
{
	struct spec_user *user = arena_alloc(arena, sizeof(*user));

	if (!user)
		return memory_missing(err);
	if (process->user)
		user->umask = process->user->umask;
	process->user = user;
	return user_find(root, text, arena, user, err);
}

static int process_change(struct arena *arena, struct spec_process *process, int root,
	const struct command *command, struct error *err)
{
	int result = 0;

	process->args = (struct string_list){
		.count = (uint32_t)command->argc - 1,
		.given = true,
		.items = (const char **)command->argv + 1,
	};
	process->terminal = (struct maybe_bool){true, command->given[OPTION_tty]};
	if (command->value[OPTION_cwd])
		process->cwd = command->value[OPTION_cwd];
	if (command->given[OPTION_no_new_privs])
		process->no_new_privileges = (struct maybe_bool){true, true};
	if (command->value[OPTION_apparmor])
		process->apparmor_profile = command->value[OPTION_apparmor];
	if (command->value[OPTION_process_label])
		process->selinux_label = command->value[OPTION_process_label];
	if (command->value[OPTION_user])
		result = user_change(arena, process, root, command->value[OPTION_user], err);
	if (result == 0 && command->given[OPTION_additional_gids])
		result = groups_extend(
			arena, process, &command->values[OPTION_additional_gids], err);
	if (result == 0)
		result = environment_change(arena, &process->env, command, err);
	if (result == 0 && command->given[OPTION_cap])
		result = capabilities_extend(arena, process, &command->values[OPTION_cap], err);
	return result;
}

int exec_process(struct spec *spec, int root, const struct command *command,
	struct spec_process **process, struct error *err)
{
	const char *file = command->value[OPTION_process];
	int result;

	if (file) {
		result = spec_read_process(spec, AT_FDCWD, file, process, err);
		if (result == 0 && command->given[OPTION_tty])
			(*process)->terminal = (struct maybe_bool){true, true};
		return result;
	}
	if (command->argc < 2) {
		error_set(err, ERROR_USAGE, EINVAL, "exec needs a command");
		error_hint(err, "exec ID COMMAND, or --process FILE");
		return -EINVAL;
	}
	*process = arena_alloc(&spec->arena, sizeof(**process));
	if (!*process)
		return memory_missing(err);
	if (spec->config.process)
		**process = *spec->config.process;
	else
		(*process)->cwd = "/";
	return process_change(&spec->arena, *process, root, command, err);
}

/*
 * A service that starts on demand finds its listening sockets from descriptor 3 on, and their
 * number in the environment (sd_listen_fds(3)). LISTEN_PID says whose they are: ours here, that of
 * the first process inside.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/activation.h"
#include "runtime/number.h"

/* An environment variable's number, or 0. */
static uint32_t environment_number(const char *name, uint32_t max)
{
	const char *text = getenv(name);
	uint32_t number = 0;

	return text && number_parse(text, max, &number, NULL) == 0 ? number : 0;
}

int activation_pass(
	struct arena *arena, struct spec_process *process, uint32_t *count, struct error *err)
{
	uint32_t passed = environment_number("LISTEN_FDS", PRESERVE_FDS_MAX);
	struct string_list *env = process ? &process->env : NULL;
	const char **items;

	if (passed == 0 || !env ||
		environment_number("LISTEN_PID", INT32_MAX) != (uint32_t)getpid())
		return 0;
	items = arena_alloc(arena, (env->count + 2) * sizeof(*items));
	if (!items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < env->count; i++)
		items[i] = env->items[i];
	items[env->count] = arena_format(arena, "LISTEN_FDS=%u", passed);
	items[env->count + 1] = "LISTEN_PID=1";
	if (!items[env->count])
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	*env = (struct string_list){.count = env->count + 2, .given = true, .items = items};
	*count = passed;
	return 0;
}

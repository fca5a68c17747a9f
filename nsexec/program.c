/*
 * The program: found while create can still say that it is not there, run when start says so.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"

static char found[PATH_MAX];

/* True when the file can be executed by who we are now; else errno says why not. */
static int is_program(const char *path, int overrides)
{
	struct stat status;

	/* By the real ids: the capabilities that this process still has will be gone by then. */
	if (!overrides && access(path, X_OK) < 0)
		return 0;
	if (stat(path, &status) < 0)
		return 0;
	errno = EACCES;
	return S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

/* The last PATH of the environment, since later entries override. */
static const char *search_path(const struct plan *plan, plan_list env)
{
	for (uint32_t i = env.count; i > 0; i--)
		if (strncmp(plan_item(plan, env, i - 1), "PATH=", 5) == 0)
			return plan_item(plan, env, i - 1) + 5;
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* Looks for name in each directory of path; 0, or the errno that tells most. */
static int program_search(const char *path, const char *name, int overrides)
{
	size_t name_length = strlen(name);
	int error = ENOENT;

	for (const char *end; path != NULL; path = *end == ':' ? end + 1 : NULL) {
		size_t length;

		end = path + strcspn(path, ":");
		length = (size_t)(end - path);
		if (length + 1 + name_length + 1 > sizeof(found))
			continue;
		memcpy(found, path, length);
		if (length > 0) /* an empty directory is the current one */
			found[length++] = '/';
		memcpy(found + length, name, name_length + 1);
		if (is_program(found, overrides))
			return 0;
		if (errno == EACCES)
			error = EACCES;
	}
	return error;
}

char **gate_strings(const struct gate *gate, plan_list list, const char *more)
{
	static const char *room[128];
	static uint32_t used;
	uint32_t count = list.count + 2;
	const char **array = room + used;

	if (count <= array_size(room) - used)
		used += count;
	else
		array = mmap(NULL, count * sizeof(char *), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (array == MAP_FAILED)
		return NULL;
	for (uint32_t i = 0; i < list.count; i++)
		array[i] = plan_item(gate->plan, list, i);
	array[list.count] = more;
	return (char **)array;
}

int gate_program(struct gate *gate, const struct step_program *s)
{
	const char *home = s->home_uid < 0 ? NULL : gate_home((uint32_t)s->home_uid);
	const char *name;
	int error;

	if (s->args.count == 0)
		return gate_failed(gate, WIRE_CALL_execute, EINVAL, NULL);
	gate->argv = gate_strings(gate, s->args, NULL);
	gate->envp = gate_strings(gate, s->env, home);
	if (gate->argv == NULL || gate->envp == NULL)
		return gate_failed(gate, WIRE_CALL_NONE, ENOMEM, NULL);
	name = gate->argv[0];
	if (strchr(name, '/') != NULL) {
		gate->program = name;
		return is_program(name, s->overrides != 0)
			? 0
			: gate_failed(gate, WIRE_CALL_execute, 0, name);
	}
	error = name[0] == '\0'
		? ENOENT
		: program_search(search_path(gate->plan, s->env), name, s->overrides != 0);
	if (error != 0)
		return gate_failed(gate, WIRE_CALL_lookup, error, name);
	gate->program = found;
	return 0;
}

int gate_exec(struct gate *gate, const struct step_exec *s)
{
	int result = gate_settle(gate);

	if (result < 0)
		return result;
	execve(gate->program, gate->argv, gate->envp);
	return gate_failed(gate, WIRE_CALL_execute, 0, gate->program);
}

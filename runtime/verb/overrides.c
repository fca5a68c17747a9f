/*
 * Each option is a row: what it is called and what it does to the decoded configuration. The result
 * is encoded and decoded again like any bundle's, so that no check can be passed by, and --dry-run
 * and the container's kept configuration show what it really is.
 */
#include "runtime/verb/overrides.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/environment.h"
#include "runtime/number.h"
#include "runtime/user.h"

#define CPU_PERIOD 100000 /* microseconds */

/* The configuration that is being changed. */
struct draft {
	const struct command *command;
	struct arena *arena;
	struct spec_config *config;
	const char *rootfs;
};

static int memory_missing(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

static int value_refused(
	const struct draft *draft, enum option_id id, const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, EINVAL, "invalid value \"%s\" for flag -%s: %s",
		draft->command->value[id], option_rows[id].name, what);
}

/* An object of the configuration, made when it is absent. */
static void *child(const struct draft *draft, void *place, size_t size)
{
	void **object = place;

	if (!*object)
		*object = arena_alloc(draft->arena, size);
	return *object;
}

static struct spec_resources *resources(const struct draft *draft)
{
	struct spec_linux *linux =
		child(draft, &draft->config->linux, sizeof(*draft->config->linux));

	return linux ? child(draft, &linux->resources, sizeof(*linux->resources)) : NULL;
}

static struct spec_cpu *cpu(const struct draft *draft)
{
	struct spec_resources *limits = resources(draft);

	return limits ? child(draft, &limits->cpu, sizeof(*limits->cpu)) : NULL;
}

static int memory_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_resources *limits = resources(draft);
	struct spec_memory *memory = limits ? child(draft, &limits->memory, sizeof(*memory)) : NULL;
	uint64_t bytes;
	int result = size_option(draft->command, id, &bytes, err);

	if (!memory)
		return memory_missing(err);
	if (result == 0)
		memory->limit = (struct maybe_int){true, (int64_t)bytes};
	return result;
}

/* "1.5" or ".5": so many CPUs, as a quota of each period. */
static int cpus_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_cpu *limits = cpu(draft);
	const char *text = draft->command->value[id];
	const char *rest = text;
	uint32_t whole = 0, share = 0, unit = CPU_PERIOD;

	if (!limits)
		return memory_missing(err);
	if (text[0] != '.' && number_parse(text, 1 << 20, &whole, &rest) < 0)
		return value_refused(draft, id, "not a number such as 1.5", err);
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9' && unit > 1; rest++) {
			unit /= 10;
			share += (uint32_t)(*rest - '0') * unit;
		}
	if (*rest != '\0' || (whole == 0 && share == 0))
		return value_refused(draft, id, "not a number such as 1.5", err);
	limits->period = (struct maybe_uint){true, CPU_PERIOD};
	limits->quota = (struct maybe_int){true, (int64_t)whole * CPU_PERIOD + share};
	return 0;
}

static int shares_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_cpu *limits = cpu(draft);
	uint32_t shares;
	int result = number_option(draft->command, id, INT32_MAX, &shares, err);

	if (!limits)
		return memory_missing(err);
	if (result == 0)
		limits->shares = (struct maybe_uint){true, shares};
	return result;
}

static int cpuset_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_cpu *limits = cpu(draft);

	if (!limits)
		return memory_missing(err);
	limits->cpus = draft->command->value[id];
	return 0;
}

static int pids_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_resources *limits = resources(draft);
	struct spec_pids *pids = limits ? child(draft, &limits->pids, sizeof(*pids)) : NULL;
	uint32_t number;
	int result = number_option(draft->command, id, INT32_MAX, &number, err);

	if (!pids)
		return memory_missing(err);
	if (result == 0)
		pids->limit = (struct maybe_int){true, number};
	return result;
}

static int cwd_set(struct draft *draft, enum option_id id, struct error *err)
{
	draft->config->process->cwd = draft->command->value[id];
	return 0;
}

static int terminal_set(struct draft *draft, enum option_id id, struct error *err)
{
	draft->config->process->terminal = (struct maybe_bool){true, true};
	return 0;
}

static int readonly_set(struct draft *draft, enum option_id id, struct error *err)
{
	draft->config->root->readonly = (struct maybe_bool){true, true};
	return 0;
}

static int environment_set(struct draft *draft, enum option_id id, struct error *err)
{
	return environment_change(draft->arena, &draft->config->process->env, draft->command, err);
}

static int user_set(struct draft *draft, enum option_id id, struct error *err)
{
	auto_fd int root = openat(AT_FDCWD, draft->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct spec_user *user = arena_alloc(draft->arena, sizeof(*user));

	if (!user)
		return memory_missing(err);
	if (draft->config->process->user)
		user->umask = draft->config->process->user->umask;
	draft->config->process->user = user;
	return user_find(root, draft->command->value[id], draft->arena, user, err);
}

/* "host": the caller's own network; "none": one with nothing but a loopback device. */
static int net_set(struct draft *draft, enum option_id id, struct error *err)
{
	struct spec_linux *linux = child(draft, &draft->config->linux, sizeof(*linux));
	struct spec_namespace_list kept = {.given = true};
	bool none = strcmp(draft->command->value[id], "none") == 0;

	if (!none && strcmp(draft->command->value[id], "host") != 0)
		return value_refused(draft, id, "it is host or none", err);
	kept.items = linux
		? arena_alloc(draft->arena, (linux->namespaces.count + 1) * sizeof(*kept.items))
		: NULL;
	if (!kept.items)
		return memory_missing(err);
	for (uint32_t i = 0; i < linux->namespaces.count; i++)
		if (linux->namespaces.items[i].type.value != CLONE_NEWNET)
			kept.items[kept.count++] = linux->namespaces.items[i];
	if (none)
		kept.items[kept.count++].type = (struct maybe_int){true, CLONE_NEWNET};
	linux->namespaces = kept;
	return 0;
}

/* SRC:DST[:OPTION,...]: a bind mount after all others. */
static int volume_read(
	const struct draft *draft, const char *text, struct spec_mount *mount, struct error *err)
{
	char *parts = arena_copy(draft->arena, text, strlen(text));
	struct string_list *options = &mount->options;
	char *source = strsep(&parts, ":"), *target = strsep(&parts, ":");
	auto_free char *path = NULL;
	const char *word;

	if (!source || !target || *source == '\0' || *target != '/')
		return error_set(err, ERROR_USAGE, EINVAL,
			"invalid volume \"%s\": not SOURCE:/TARGET[:OPTION,...]", text);
	options->items = arena_alloc(draft->arena, (strlen(text) + 1) * sizeof(*options->items));
	path = realpath(source, NULL);
	if (!path)
		return error_set(err, ERROR_USAGE, errno, "cannot use %s as a volume: %s", source,
			strerror(errno));
	mount->source = arena_copy(draft->arena, path, strlen(path));
	if (!options->items || !mount->source)
		return memory_missing(err);
	options->items[options->count++] = "rbind";
	while (parts && (word = strsep(&parts, ",")))
		options->items[options->count++] = word;
	options->given = true;
	mount->destination = target;
	mount->type = "bind";
	return 0;
}

static int volumes_add(struct draft *draft, enum option_id id, struct error *err)
{
	const struct option_values *volumes = &draft->command->values[id];
	struct spec_mount_list *mounts = &draft->config->mounts;
	struct spec_mount *items =
		arena_alloc(draft->arena, (mounts->count + volumes->count) * sizeof(*items));
	int result = items ? 0 : memory_missing(err);

	if (items && mounts->count > 0)
		memcpy(items, mounts->items, mounts->count * sizeof(*items));
	for (uint32_t i = 0; result == 0 && i < volumes->count; i++)
		result = volume_read(draft, volumes->items[i], &items[mounts->count + i], err);
	if (result < 0)
		return result;
	mounts->items = items;
	mounts->count += volumes->count;
	mounts->given = true;
	return 0;
}

static const struct override {
	enum option_id option;
	int (*apply)(struct draft *draft, enum option_id id, struct error *err);
} overrides[] = {
	{OPTION_env_file, environment_set}, /* with --env; alone when there is no file */
	{OPTION_env, environment_set},
	{OPTION_user, user_set},
	{OPTION_cwd, cwd_set},
	{OPTION_tty, terminal_set},
	{OPTION_read_only, readonly_set},
	{OPTION_volume, volumes_add},
	{OPTION_net, net_set},
	{OPTION_run_memory, memory_set},
	{OPTION_cpus, cpus_set},
	{OPTION_cpushare, shares_set},
	{OPTION_cpuset, cpuset_set},
	{OPTION_run_pids_limit, pids_set},
};

char **run_words(const struct command *command, int *argc)
{
	bool named = command->separated || command->value[OPTION_name];
	int first = named ? 0 : command->argc > 0;

	if (first < command->argc && strcmp(command->argv[first], "--") == 0)
		first++;
	*argc = command->argc - first;
	return command->argv + first;
}

bool overrides_given(const struct command *command)
{
	int words;

	if (command->verb != VERB_run)
		return false;
	for (size_t i = 0; i < array_size(overrides); i++)
		if (command->given[overrides[i].option])
			return true;
	run_words(command, &words);
	return words > 0;
}

static int draft_change(struct draft *draft, struct error *err)
{
	const struct command *command = draft->command;
	struct spec_process *process = child(draft, &draft->config->process, sizeof(*process));
	int result = process ? 0 : memory_missing(err);
	int count;
	char **words = run_words(command, &count);

	if (result == 0 && !process->cwd)
		process->cwd = "/";
	if (result == 0 && count > 0)
		process->args = (struct string_list){
			.count = (uint32_t)count, .given = true, .items = (const char **)words};
	for (size_t i = 0; result == 0 && i < array_size(overrides); i++)
		if (command->given[overrides[i].option])
			result = overrides[i].apply(draft, overrides[i].option, err);
	return result;
}

int overrides_apply(
	const struct command *command, struct spec *spec, const char *rootfs, struct error *err)
{
	struct draft draft = {
		.command = command,
		.arena = &spec->arena,
		.config = &spec->config,
		.rootfs = rootfs,
	};
	struct spec changed = {0};
	const char *text = NULL;
	size_t length;
	int result = draft_change(&draft, err);

	if (result == 0) {
		text = table_encode(
			&spec_config_table, &spec->config, 0, &spec->arena, &length, err);
		result = text ? spec_decode(&changed, text, length, err) : -err->number;
	}
	spec_free(spec);
	*spec = changed;
	return result;
}

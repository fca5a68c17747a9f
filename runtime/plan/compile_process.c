/*
 * What the process may use and who it is: limits, terminal, labels, ids. Limits come before the
 * gate gives up the host's privileges by entering a user namespace, ids after everything that needs
 * a privilege at all.
 */
#include <errno.h>
#include <string.h>

#include "runtime/plan/compile_parts.h"

static int64_t process_uid(const struct compile *c)
{
	const struct spec_process *process = c->process;

	return process->user != NULL ? (int64_t)process->user->uid.value : 0;
}

void compile_console(struct compile *c)
{
	const struct spec_process *process = c->process;
	struct step_console *console;
	int32_t socket;

	if (process == NULL || !process->terminal.value)
		return;
	plan_origin(&c->builder, &process->terminal);
	if (!c->input->console) {
		plan_refuse(&c->builder, NULL, ERROR_CONSOLE, EINVAL,
			"a terminal needs --console-socket, or a foreground run");
		return;
	}
	socket = plan_add_slot(&c->builder, SLOT_CONSOLE, NULL);
	console = PLAN_ADD(&c->builder, console);
	console->socket = socket;
	console->uid = process_uid(c);
	if (process->console_size != NULL) {
		console->rows = (int64_t)process->console_size->height.value;
		console->columns = (int64_t)process->console_size->width.value;
	}
}

/*
 * The file below /proc/sys: in "net.ipv4.conf.eth0/1.rp_filter" dots separate and a slash stands
 * for a dot, in "net/ipv4/conf/eth0.1/rp_filter" it is the other way round: the first separator
 * decides.
 */
static const char *sysctl_path(struct compile *c, const char *key)
{
	char *path = (char *)compile_text(c, "%s", key);

	if (path[strcspn(path, "./")] != '.')
		return path;
	for (char *at = path; *at != '\0'; at++)
		*at = *at == '.' ? '/' : *at == '/' ? '.' : *at;
	return path;
}

void compile_sysctl(struct compile *c)
{
	for (uint32_t i = 0; i < c->linux->sysctl.count; i++) {
		const struct string_pair *pair = &c->linux->sysctl.items[i];
		plan_text path, value;
		struct step_sysctl *sysctl;

		plan_origin(&c->builder, &pair->value);
		path = plan_copy(&c->builder, sysctl_path(c, pair->key));
		value = plan_copy(&c->builder, pair->value);
		sysctl = PLAN_ADD(&c->builder, sysctl);
		sysctl->path = path;
		sysctl->value = value;
	}
}

void compile_limits(struct compile *c)
{
	const struct spec_process *process = c->process;

	for (uint32_t i = 0; process != NULL && i < process->rlimits.count; i++) {
		const struct spec_rlimit *listed = &process->rlimits.items[i];
		struct step_rlimit *rlimit;

		plan_origin(&c->builder, listed);
		rlimit = PLAN_ADD(&c->builder, rlimit);
		rlimit->resource = listed->type.value;
		rlimit->soft = listed->soft.value;
		rlimit->hard = listed->hard.value;
	}
}

static void compile_labels(struct compile *c)
{
	const struct spec_process *process = c->process;
	plan_text file, value;
	struct step_label *label;

	if (process->apparmor_profile != NULL) {
		plan_origin(&c->builder, &process->apparmor_profile);
		file = plan_copy(&c->builder, "apparmor/exec");
		value = plan_copyf(&c->builder, "exec %s", process->apparmor_profile);
		label = PLAN_ADD(&c->builder, label);
		label->file = file;
		label->value = value;
	}
	if (process->selinux_label != NULL) {
		plan_origin(&c->builder, &process->selinux_label);
		file = plan_copy(&c->builder, "exec");
		value = plan_copy(&c->builder, process->selinux_label);
		label = PLAN_ADD(&c->builder, label);
		label->file = file;
		label->value = value;
	}
}

/* The supplementary groups as the gate reads them. */
static plan_bytes user_groups(struct compile *c, const struct spec_user *user)
{
	uint32_t count = user != NULL ? user->additional_gids.count : 0;
	uint32_t *groups;

	if (count == 0)
		return (plan_bytes){0};
	groups = compile_alloc(c, count * sizeof(*groups));
	for (uint32_t i = 0; groups != NULL && i < count; i++)
		groups[i] = (uint32_t)user->additional_gids.items[i];
	if (groups == NULL)
		return (plan_bytes){0};
	return plan_copy_bytes(&c->builder, groups, count * sizeof(*groups));
}

void compile_user(struct compile *c)
{
	const struct spec_process *process = c->process;
	const struct spec_user *user = process != NULL ? process->user : NULL;
	struct plan_builder *builder = &c->builder;
	plan_bytes groups;
	struct step_user *step;
	plan_text cwd;

	if (process == NULL)
		return;
	plan_origin(builder, user != NULL ? (const void *)user : process);
	/* Whoever runs as root opens its streams anyway; they stay the caller's. */
	if (!process->terminal.value)
		PLAN_ADD(builder, stdio)->uid =
			process_uid(c) != 0 || c->mapped ? (int64_t)process_uid(c) : -1;
	compile_labels(c);
	plan_origin(builder, user != NULL ? (const void *)user : process);
	compile_capability_sets(c);
	groups = user_groups(c, user);
	step = PLAN_ADD(builder, user);
	step->uid = process_uid(c);
	step->gid = user != NULL ? (int64_t)user->gid.value : 0;
	step->groups = groups;
	step->bounding = c->sets.bounding;
	if (user != NULL && user->umask.given) {
		plan_origin(builder, &user->umask);
		PLAN_ADD(builder, umask)->mask = user->umask.value;
	}
	plan_origin(builder, &process->cwd);
	cwd = plan_copy(builder, process->cwd);
	PLAN_ADD(builder, cwd)->path = cwd;
}

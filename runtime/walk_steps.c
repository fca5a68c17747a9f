/*
 * What the host does for the gate before there is one, a function for each kind of step; and the
 * descriptors that the gate cannot or must not open itself: its paths lead nowhere once it has
 * changed its namespaces, and it holds no others of the host's (CVE-2016-9962).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/file.h"
#include "runtime/mapping.h"
#include "runtime/plan/blame.h"
#include "runtime/resctrl.h"
#include "runtime/seccomp/seccomp.h"
#include "runtime/trace.h"
#include "runtime/unix_socket.h"
#include "runtime/walk_steps.h"

static struct spec_cgroup_directory *record_directory(struct spec_record *record, const char *path)
{
	for (uint32_t i = 0; record && i < record->cgroups.count; i++)
		if (strcmp(record->cgroups.items[i].path, path) == 0)
			return &record->cgroups.items[i];
	return NULL;
}

/* Notes down whether a directory of the list is ours. */
static void directory_made(
	const struct spec_cgroup_directory_list *list, const char *path, bool made)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].path, path) == 0)
			list->items[i].made = (struct maybe_bool){.given = true, .value = made};
}

/* The words of a step's list as a packet takes them. */
static const char **words_of(const struct plan *plan, plan_list list)
{
	const char **words = calloc(list.count + 1, sizeof(*words));

	for (uint32_t i = 0; words && i < list.count; i++)
		words[i] = plan_item(plan, list, i);
	return words;
}

/* Whose the unit is when that fails is known only if the name was somebody else's before. In a
 * frozen cgroup the program that holds its place could not even answer. */
static int host_scope(struct walk *walk, const struct step_scope *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	auto_free const char **words = words_of(plan, step->properties);
	struct spec_record *record = walk->record;
	bool ours = false;
	int result = 0;

	if (!words)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < record->cgroups.count && result == 0; i++)
		result = cgroup_check(record->cgroups.items[i].path, err);
	if (result == 0) {
		result = manager_start(walk->manager, plan_string(plan, step->unit), words,
			step->properties.count, err);
		ours = result != -EEXIST;
	}
	record->unit_made = (struct maybe_bool){true, ours};
	if (result < 0)
		record->cgroups.count = 0;
	return result;
}

/* A file of a cgroup as it was. */
struct kept {
	char directory[PATH_MAX];
	const char *name;
	char text[4096]; /* "": there was none */
};

static struct kept *files_keep(const struct plan *plan, plan_list paths)
{
	struct kept *kept = calloc(paths.count + 1, sizeof(*kept));

	for (uint32_t i = 0; kept && i < paths.count; i++) {
		const char *path = plan_item(plan, paths, i), *slash = strrchr(path, '/');

		snprintf(kept[i].directory, PATH_MAX, "%.*s", (int)(slash - path), path);
		kept[i].name = slash + 1;
		if (cgroup_file_read(kept[i].directory, kept[i].name, kept[i].text,
			    sizeof(kept[i].text)) < 0)
			kept[i].text[0] = '\0';
	}
	return kept;
}

/* What the service manager has written over. */
static int files_restore(const struct kept *kept, uint32_t count, struct error *err)
{
	char text[sizeof(kept->text)];
	int result = 0;

	for (uint32_t i = 0; i < count && result == 0; i++)
		if (kept[i].text[0] &&
			cgroup_file_read(kept[i].directory, kept[i].name, text, sizeof(text)) >=
				0 &&
			strcmp(kept[i].text, text) != 0)
			result = cgroup_limit(kept[i].directory, kept[i].name, kept[i].text, err);
	return result;
}

static int host_unit(struct walk *walk, const struct step_unit *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const char *directory = plan_string(plan, step->directory);
	auto_free const char **words = NULL;
	auto_free struct kept *kept = NULL;
	int result;

	if (directory && !cgroup_file_exists(directory, plan_string(plan, step->file)))
		return 0;
	words = words_of(plan, step->properties);
	kept = files_keep(plan, step->kept);
	if (!words || !kept)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	result = manager_set(
		walk->manager, plan_string(plan, step->unit), words, step->properties.count, err);
	return result < 0 ? result : files_restore(kept, step->kept.count, err);
}

static int host_cgroup(struct walk *walk, const struct step_cgroup *step, struct error *err)
{
	const char *path = plan_string(walk->compiled->plan, step->path);
	struct spec_cgroup_directory *directory = record_directory(walk->record, path);
	bool made = false;
	int result = cgroup_make(
		path, step->cpuset != 0, walk->manager ? walk->manager->pid : 0, &made, err);

	if (!directory)
		return result;
	directory->made = (struct maybe_bool){.given = true, .value = made};
	if (result < 0) /* neither it, if it was refused, nor those after it are ours to remove */
		walk->record->cgroups.count =
			(uint32_t)(directory - walk->record->cgroups.items) + made;
	return result;
}

static int host_limit(struct walk *walk, const struct step_limit *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;

	return cgroup_limit(plan_string(plan, step->directory), plan_string(plan, step->file),
		plan_string(plan, step->value), err);
}

static int host_device_filter(
	struct walk *walk, const struct step_device_filter *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;

	return cgroup_filter(plan_string(plan, step->directory), plan_data(plan, step->program),
		step->program.length, err);
}

static int host_owner(struct walk *walk, const struct step_owner *step, struct error *err)
{
	return cgroup_give(plan_string(walk->compiled->plan, step->path), (uid_t)step->uid, err);
}

static int host_resctrl(struct walk *walk, const struct step_resctrl *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const char *path = plan_string(plan, step->path);
	bool made = false;
	int result =
		resctrl_make(path, plan_string(plan, step->schemata), step->create, &made, err);

	directory_made(&walk->record->resctrl, path, made);
	return result;
}

static int host_monitor(struct walk *walk, const struct step_monitor *step, struct error *err)
{
	const char *path = plan_string(walk->compiled->plan, step->path);
	int result = resctrl_monitor(path, err);

	directory_made(&walk->record->resctrl, path, result == 0);
	return result;
}

static int host_net_device(struct walk *walk, const struct step_net_device *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;

	return net_device_move(&walk->devices, walk->pid, plan_string(plan, step->name),
		plan_string(plan, step->wanted), err);
}

void walk_step_blame(const struct walk *walk, uint32_t index, struct error *err)
{
	const struct compiled *compiled = walk->compiled;

	error_step(err, "%s", plan_kinds[plan_steps(compiled->plan)[index].kind].name);
	blame(err, walk->spec, compiled->process, compiled->origins[index].address);
}

int walk_step(struct walk *walk, uint32_t index, struct error *err)
{
	const struct plan_step *step = &plan_steps(walk->compiled->plan)[index];
	const void *arguments = plan_arguments(walk->compiled->plan, step);
	int result = 0;

	if (step->kind == STEP_scope)
		result = host_scope(walk, arguments, err);
	else if (step->kind == STEP_unit)
		result = host_unit(walk, arguments, err);
	else if (step->kind == STEP_cgroup)
		result = host_cgroup(walk, arguments, err);
	else if (step->kind == STEP_limit)
		result = host_limit(walk, arguments, err);
	else if (step->kind == STEP_device_filter)
		result = host_device_filter(walk, arguments, err);
	else if (step->kind == STEP_owner)
		result = host_owner(walk, arguments, err);
	else if (step->kind == STEP_resctrl)
		result = host_resctrl(walk, arguments, err);
	else if (step->kind == STEP_monitor)
		result = host_monitor(walk, arguments, err);
	else if (step->kind == STEP_net_device)
		result = host_net_device(walk, arguments, err);
	if (plan_kinds[step->kind].side == HOST)
		trace_step(index);
	if (result < 0)
		walk_step_blame(walk, index, err);
	return result;
}

/* The index of the first step that uses a slot: whose failure it is when the slot cannot be opened.
 */
static uint32_t slot_user(const struct plan *plan, uint32_t slot)
{
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const char *arguments = plan_arguments(plan, step);

		for (const struct plan_field *field = plan_kinds[step->kind].fields; field->name;
			field++)
			if (field->type == PLAN_SLOT &&
				*(const int32_t *)(arguments + field->offset) == (int32_t)slot)
				return i;
	}
	return 0;
}

static bool slot_is_ours(uint32_t kind)
{
	return kind == SLOT_READ || kind == SLOT_WRITE || kind == SLOT_IDMAP;
}

int walk_slot_open(struct walk *walk, uint32_t slot, int *fds, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const struct plan_slot *row = &plan_slots(plan)[slot];
	const char *path = plan_string(plan, row->path);
	int fd = fds[slot];

	if (fd >= 0)
		return 0;
	/* openat: musl's open needs a second system call for O_CLOEXEC */
	if (row->kind == SLOT_READ)
		fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	else if (row->kind == SLOT_WRITE)
		fd = openat(AT_FDCWD, path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	else if (row->kind == SLOT_IDMAP)
		return mapping_namespace(path, &fds[slot], err);
	else
		fd = row->kind == SLOT_DOOR         ? walk->door
			: row->kind == SLOT_CONSOLE ? walk->console
			: row->kind == SLOT_TRACE   ? trace_memory()
						    : walk->process;
	if (fd < 0) {
		int error = slot_is_ours(row->kind) ? errno : EBADF;

		error_set(err, row->kind == SLOT_READ ? ERROR_NAMESPACE : ERROR_CGROUP, error,
			"cannot open %s: %s", path, strerror(error));
		walk_step_blame(walk, slot_user(plan, slot), err);
		return -error;
	}
	fds[slot] = fd;
	return 0;
}

/* Descriptors that were opened in a row are closed in one go. */
void walk_slots_close(const struct walk *walk, int *fds)
{
	const struct plan *plan = walk->compiled->plan;
	uint32_t i = 0;

	while (i < plan->slot_count) {
		uint32_t next = i + 1;

		if (fds[i] >= 0 && slot_is_ours(plan_slots(plan)[i].kind)) {
			while (next < plan->slot_count && fds[next] == fds[next - 1] + 1 &&
				slot_is_ours(plan_slots(plan)[next].kind))
				next++;
			sys_close_row(fds[i], fds[next - 1]);
		}
		i = next;
	}
}

int walk_filter_open(struct walk *walk, const struct plan_step *step, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const char *listener;

	if (!step)
		return 0;
	walk->handover[0] =
		seccomp_program(walk->spec, walk->spec->config.linux->seccomp, walk->root, err);
	if (walk->handover[0] < 0)
		return walk->handover[0];
	listener = plan_string(
		plan, ((const struct step_seccomp *)plan_arguments(plan, step))->listener);
	if (!listener)
		return 0;
	walk->handover[1] = unix_socket_connect(listener);
	if (walk->handover[1] >= 0)
		return 0;
	error_set(err, ERROR_SECCOMP, -walk->handover[1],
		"failed to connect with seccomp agent %s: %s", listener,
		strerror(-walk->handover[1]));
	blame(err, walk->spec, NULL, &walk->spec->config.linux->seccomp->listener_path);
	return walk->handover[1];
}

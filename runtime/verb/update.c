/*
 * update: other limits for a container that exists. What is asked for is joined with what is in
 * force and has to keep the rules of a configuration as a whole; then it is compiled like a new
 * cgroup's limits and written. If the kernel refuses one, those before it get their former values
 * back. bundle.json keeps what is in force, so that the next update, and everybody who asks later,
 * starts from the truth.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"
#include "runtime/existing.h"
#include "runtime/report.h"
#include "runtime/verb/update_request.h"
#include "runtime/verb/verbs.h"
#include "runtime/walk_steps.h"
#include "state/journal.h"

#define LOCK_PATIENCE 10000 /* milliseconds */

static int update_check(const struct existing *existing, struct error *err)
{
	enum status status = status_derive(&existing->record);

	if (status == STATUS_STOPPED)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	if (status == STATUS_CREATING)
		return error_set(err, ERROR_STATUS, EBUSY,
			"cannot update a container that is still being created");
	if (existing->record.cgroups.count == 0)
		return error_set(
			err, ERROR_CGROUP, ENODEV, "cannot update the container: it has no cgroup");
	return 0;
}

/* Changes the configuration's resources; *previous keeps the former ones. */
static int resources_join(struct existing *existing, struct spec_resources *asked,
	struct spec_resources *previous, struct error *err)
{
	struct spec *spec = &existing->spec;
	struct spec_linux *linux = spec->config.linux;
	struct spec_resources *merged = arena_alloc(&spec->arena, sizeof(*merged));

	if (!linux)
		linux = spec->config.linux = arena_alloc(&spec->arena, sizeof(*linux));
	if (!linux || !merged)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	*previous = linux->resources ? *linux->resources : (struct spec_resources){0};
	if (cgroup_merge(previous, asked, &spec->arena, merged) < 0)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	linux->resources = merged;
	return spec_check(&spec->config, err);
}

static int update_compile(struct existing *existing, const struct cgroup_change *change,
	struct compiled *compiled, struct error *err)
{
	struct spec *spec = &existing->spec;
	struct compile_input input;
	struct plan_builder builder;
	int result = existing_input(existing, &input, err);

	if (result == 0)
		result = plan_begin(&builder, &spec->arena, err);
	if (result < 0)
		return result;
	builder.spec = spec;
	builder.warnings = &spec->warnings;
	cgroup_compile_change(
		&builder, input.cgroup_host, input.cgroup, spec->config.linux->resources, change);
	return plan_finish(&builder, compiled);
}

/* checkBeforeUpdate: v1 refuses a limit below what is in use, v2 would kill for it. */
static int usage_check(const char *directory, const struct spec_memory *memory, struct error *err)
{
	int64_t limit = memory->limit.value, total = memory->swap.value;
	bool both;
	char text[32];
	uint64_t usage;

	if (cgroup_file_read(directory, "memory.current", text, sizeof(text)) < 0)
		return 0;
	usage = strtoull(text, NULL, 10);
	if (limit <= 0 || usage <= (uint64_t)limit)
		return 0;
	both = total > 0 && usage > (uint64_t)total;
	error_set(err, ERROR_CGROUP, EBUSY,
		"rejecting memory%s limit of %" PRId64
		" bytes: it is below the %s that the container uses",
		both ? "+swap" : "", both ? total : limit, text);
	error_value(err, "%" PRId64, limit);
	error_hint(err, "checkBeforeUpdate forbids to kill for it");
	return -EBUSY;
}

/* A write of a step, and how to take it back. */
struct undo {
	const char *directory;
	char file[64];
	char former[4096]; /* "": nothing to go back to */
};

/* Of the files "A|B", the first that is there is the one that is written. */
static void undo_prepare(struct undo *undo, const struct plan *plan, const struct plan_step *step)
{
	const struct step_limit *limit = plan_arguments(plan, step);
	const char *file = step->kind == STEP_limit ? plan_string(plan, limit->file) : "";

	while (*file) {
		size_t length = strcspn(file, "|");

		undo->directory = plan_string(plan, limit->directory);
		snprintf(undo->file, sizeof(undo->file), "%.*s", (int)length, file);
		if (cgroup_file_read(
			    undo->directory, undo->file, undo->former, sizeof(undo->former)) >= 0)
			return;
		undo->former[0] = '\0';
		file += length + (file[length] == '|');
	}
}

/* check: the memory whose limit has to be checked, or NULL. */
static int step_carry_out(
	struct walk *walk, uint32_t index, const struct spec_memory *check, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const struct plan_step *step = &plan_steps(plan)[index];
	const struct step_limit *limit = plan_arguments(plan, step);
	int result = 0;

	if (check && step->kind == STEP_limit &&
		strcmp(plan_string(plan, limit->file), "memory.max") == 0)
		result = usage_check(plan_string(plan, limit->directory), check, err);
	if (result < 0)
		walk_step_blame(walk, index, err);
	return result < 0 ? result : walk_step(walk, index, err);
}

/* All of it, or nothing. */
static int update_walk(
	struct existing *existing, const struct compiled *compiled, struct error *err)
{
	const struct spec_memory *memory = existing->spec.config.linux->resources->memory;
	const struct spec_memory *check =
		memory && memory->check_before_update.value ? memory : NULL;
	struct walk walk = WALK_NONE;
	uint32_t count = compiled->plan->step_count, i;
	auto_free struct undo *undo = calloc(count + 1, sizeof(*undo));
	int result = 0;

	if (!undo)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	walk.compiled = compiled;
	walk.spec = &existing->spec;
	walk.manager = &existing->manager;
	if (existing->record.unit)
		result = manager_open(&existing->manager, &existing->spec.arena, err);
	for (i = 0; i < count && result == 0; i++) {
		undo_prepare(&undo[i], compiled->plan, &plan_steps(compiled->plan)[i]);
		result = step_carry_out(&walk, i, check, err);
	}
	while (result < 0 && i-- > 0)
		if (undo[i].former[0])
			cgroup_file_write(undo[i].directory, undo[i].file, undo[i].former);
	return result;
}

/* The configuration with what is in force now. */
static int update_keep(struct existing *existing, struct error *err)
{
	size_t length;
	const char *text = table_encode(
		&spec_config_table, &existing->spec.config, 0, &existing->spec.arena, &length, err);

	return text ? bundle_change(&existing->container, text, length, err) : -err->number;
}

static int update_container(
	struct existing *existing, struct spec_resources *asked, struct error *err)
{
	struct spec_resources previous;
	struct cgroup_change change = {.previous = &previous, .asked = asked};
	struct compiled compiled;
	int result = resources_join(existing, asked, &previous, err);

	if (result == 0)
		result = update_compile(existing, &change, &compiled, err);
	if (result == 0)
		report_warnings(&existing->spec.warnings);
	if (result == 0)
		result = update_walk(existing, &compiled, err);
	return result < 0 ? result : update_keep(existing, err);
}

int verb_update(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	struct spec_resources asked;
	int result = existing_enter(
		&existing, command->value[OPTION_root], command->argv[0], LOCK_PATIENCE, err);

	if (result == 0)
		result = update_check(&existing, err);
	if (result == 0)
		result = existing_read_spec(&existing, err);
	if (result == 0)
		result = update_request(command, &existing.spec, &asked, err);
	if (result == 0)
		result = update_container(&existing, &asked, err);
	if (result == 0)
		journal_add(&existing.container, "update", (struct spec_event){0});
	existing_free(&existing);
	return result;
}

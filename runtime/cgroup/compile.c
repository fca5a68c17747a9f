/*
 * From resources to steps. Every property becomes a line {directory, file, value} by a row of
 * cgroup/files.def; where the line goes is decided by who has the controller, a v1 hierarchy or the
 * unified tree, not by what kind of host this is: a hybrid host may have a controller in either.
 * Lines are collected first, because on v2 the controllers that they need have to be handed down
 * from the root before.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/limits.h"
#include "runtime/unit/compile.h"
#include "spec/arena.h"

void limits_fail(struct limits *limits, int error)
{
	if (limits->builder->failed == 0)
		limits->builder->failed = error;
}

void limits_no_memory(struct limits *limits)
{
	plan_refuse(limits->builder, NULL, ERROR_SYSTEM, ENOMEM, "out of memory");
}

void limits_add(struct limits *limits, const void *origin, uint32_t hierarchy, const char *file,
	const char *value)
{
	struct limit_line *line = arena_alloc(limits->builder->arena, sizeof(*line));

	if (!line) {
		limits_no_memory(limits);
		return;
	}
	*line = (struct limit_line){
		.origin = origin, .hierarchy = hierarchy, .file = file, .value = value};
	*limits->end = line;
	limits->end = &line->next;
}

/* A value is asked for that no cgroup of this host can hold. */
static void limit_refuse(
	struct limits *limits, const struct cgroup_row *row, const struct cgroup_value *value)
{
	const char *v1_file = row->columns[CGROUP_COLUMN_V1].file;
	const char *file = value->file ? value->file : v1_file;
	int length = (int)controller_length(file);
	struct plan_builder *builder = limits->builder;

	if (!value->file &&
		controllers_have(limits->host->v2_controllers, ' ', file, (size_t)length))
		plan_refuse(builder, NULL, ERROR_CGROUP, EOPNOTSUPP,
			"cgroup v2 has nothing like %s of cgroup v1", file);
	else
		plan_refuse(builder, NULL, ERROR_CGROUP, ENODEV,
			"%s%s needs the cgroup %scontroller %.*s, which is not available here",
			value->file ? "invalid configuration: " : "", file,
			!value->file       ? "v1 "
				: !v1_file ? "v2 "
					   : "",
			length, file);
	error_value(builder->err, "%s", value->text);
}

bool limits_placed(const struct limits *limits, uint32_t hierarchy)
{
	return hierarchy < limits->place->count && limits->place->directories[hierarchy] != NULL;
}

/* A value is asked for in a hierarchy that this caller has no cgroup in. */
static void limit_forbid(
	struct limits *limits, uint32_t hierarchy, const struct cgroup_value *value)
{
	plan_refuse(limits->builder, NULL, ERROR_CGROUP, EACCES,
		"cannot set %s: this caller may not make a cgroup below %s", value->file,
		limits->host->hierarchies[hierarchy].mount);
	error_value(limits->builder->err, "%s", value->text);
	error_hint(limits->builder->err,
		"let the host's root delegate a cgroup, and name it in /linux/cgroupsPath");
}

/* A value is asked for, and that there be no cgroup. */
static void limit_deny(
	struct limits *limits, const struct cgroup_row *row, const struct cgroup_value *value)
{
	plan_refuse(limits->builder, NULL, ERROR_CGROUP, EINVAL,
		"cannot set %s: with --cgroup-manager disabled the container has no cgroup",
		value->file ? value->file : row->columns[CGROUP_COLUMN_V1].file);
	error_value(limits->builder->err, "%s", value->text);
}

/* One property, or one entry of a list. */
static void property_compile(
	struct limits *limits, const struct cgroup_row *row, const void *property)
{
	uint32_t hierarchy = controller_v1(limits->host, row->columns[CGROUP_COLUMN_V1].file);
	int column = hierarchy != CGROUP_NOWHERE ? CGROUP_COLUMN_V1 : CGROUP_COLUMN_V2;
	struct cgroup_value value = {.file = row->columns[column].file};

	limits->source.warning = NULL;
	row->columns[column].convert(&limits->source, property, &value);
	if (limits->source.warning)
		plan_warn(limits->builder, property, "%s", limits->source.warning);
	if (!value.text && limits->source.failed == 0)
		return;
	plan_origin(limits->builder, property);
	if (limits->source.failed < 0) {
		limits_fail(limits, limits->source.failed);
		return;
	}
	if (hierarchy == CGROUP_NOWHERE && value.file)
		hierarchy = controller_v2(limits->host, value.file);
	if (limits->place->driver == CGROUP_DISABLED)
		limit_deny(limits, row, &value);
	else if (hierarchy == CGROUP_NOWHERE || !value.file)
		limit_refuse(limits, row, &value);
	else if (!limits_placed(limits, hierarchy))
		limit_forbid(limits, hierarchy, &value);
	else
		limits_add(limits, property, hierarchy, value.file, value.text);
}

/* Whether an update asks for anything in the object, or in the list, of a row. */
static bool row_asked(const struct cgroup_row *row, const struct spec_resources *asked)
{
	const char *resources = (const char *)asked;

	if (row->top)
		return ((const struct any_list *)(resources + row->member))->count > 0;
	return *(const void *const *)(resources + row->object) != NULL;
}

static void row_compile(
	struct limits *limits, const struct cgroup_row *row, const struct spec_resources *resources)
{
	const char *object = (const char *)resources, *property;
	const struct string_list *list; /* all lists begin alike */

	if (limits->change && !row_asked(row, limits->change->asked))
		return;
	if (!row->top)
		object = *(const char *const *)(object + row->object);
	if (!object)
		return;
	property = object + row->member;
	if (row->item == 0) {
		property_compile(limits, row, property);
		return;
	}
	list = (const struct string_list *)property;
	for (uint32_t i = 0; i < list->count && limits->builder->failed == 0; i++)
		property_compile(limits, row, (const char *)list->items + (size_t)i * row->item);
}

/* ---- emitting ---- */

static void limit_emit(
	struct plan_builder *builder, const char *directory, const char *file, const char *value)
{
	plan_text directory_text = plan_copy(builder, directory);
	plan_text file_text = plan_copy(builder, file);
	plan_text value_text = plan_copy(builder, value);
	struct step_limit *step = PLAN_ADD(builder, limit);

	step->directory = directory_text;
	step->file = file_text;
	step->value = value_text;
}

/* True when a line before this one (NULL: any) has brought the file's controller down already. */
static bool controller_seen(const struct limits *limits, const struct limit_line *line,
	uint32_t hierarchy, const char *file)
{
	size_t length = controller_length(file);

	for (const struct limit_line *other = limits->first; other != line; other = other->next)
		if (other->hierarchy == hierarchy && controller_length(other->file) == length &&
			strncmp(other->file, file, length) == 0)
			return true;
	return false;
}

/* v2: the controller of a file has to be handed down by each directory from the mount point to the
 * cgroup's parent. */
static void controller_emit(
	struct limits *limits, uint32_t hierarchy, const char *file, const char *subtree)
{
	struct plan_builder *builder = limits->builder;
	const char *path = limits->place->directories[hierarchy];
	const char *end = path + strlen(limits->host->hierarchies[hierarchy].mount);
	const char *optional = strchr(subtree, '|');
	const char *value = arena_format(builder->arena, "+%.*s%s", (int)controller_length(file),
		file, optional ? optional : "");

	for (; end; end = strchr(end + 1, '/')) {
		const char *parent = arena_copy(builder->arena, path, (size_t)(end - path));

		if (!value || !parent) {
			limits_no_memory(limits);
			return;
		}
		limit_emit(builder, parent, subtree, value);
	}
}

/*
 * v2 counts nothing without a controller: how much memory was used and whether it ran out is what
 * people ask about a container without limits as well. Where it cannot be had they do without.
 */
static void accounting_emit(struct limits *limits)
{
	static const char *const files[] = {"memory.current", "pids.current"};

	for (size_t i = 0; i < array_size(files); i++) {
		uint32_t hierarchy = controller_v2(limits->host, files[i]);

		if (hierarchy != CGROUP_NOWHERE && limits_placed(limits, hierarchy) &&
			!controller_seen(limits, NULL, hierarchy, files[i]))
			controller_emit(limits, hierarchy, files[i], "cgroup.subtree_control|");
	}
}

static void directories_emit(struct limits *limits)
{
	struct plan_builder *builder = limits->builder;

	for (uint32_t i = 0; i < limits->place->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &limits->host->hierarchies[i];
		plan_text path = plan_copy(builder, limits->place->directories[i]);
		struct step_cgroup *step;

		if (!limits_placed(limits, i))
			continue;
		step = PLAN_ADD(builder, cgroup);
		step->path = path;
		step->cpuset = !hierarchy->unified &&
			controllers_have(hierarchy->controllers, ',', "cpuset", strlen("cpuset"));
	}
}

static void limits_emit(struct limits *limits)
{
	struct plan_builder *builder = limits->builder;

	for (const struct limit_line *line = limits->first; line; line = line->next) {
		plan_origin(builder, line->origin);
		if (limits->host->hierarchies[line->hierarchy].unified &&
			!controller_is_core(line->file) &&
			!controller_seen(limits, line, line->hierarchy, line->file))
			controller_emit(
				limits, line->hierarchy, line->file, "cgroup.subtree_control");
		limit_emit(builder, limits->place->directories[line->hierarchy], line->file,
			line->value);
	}
	if (limits->filtered) {
		plan_origin(builder, limits->filter_origin);
		plan_text directory =
			plan_copy(builder, limits->place->directories[limits->filter_hierarchy]);
		plan_bytes program = plan_copy_bytes(builder, limits->filter,
			limits->filter_size * (uint32_t)sizeof(*limits->filter));
		struct step_device_filter *step = PLAN_ADD(builder, device_filter);

		step->directory = directory;
		step->program = program;
	}
}

static int limits_compile(struct limits *limits, const struct spec_resources *resources)
{
	struct plan_builder *builder = limits->builder;
	const struct cgroup_change *change = limits->change;
	const void *origin = builder->origin;

	if (builder->failed < 0)
		return builder->failed;
	limits->end = &limits->first;
	for (uint32_t i = 0; resources && i < cgroup_row_count && builder->failed == 0; i++)
		row_compile(limits, &cgroup_rows[i], resources);
	if (limits->place->driver == CGROUP_DISABLED)
		return builder->failed;
	if (builder->failed == 0 && (!change || change->asked->devices.count > 0))
		limits_add_devices(limits, resources);
	if (builder->failed < 0)
		return builder->failed;
	unit_compile_lines(limits);
	plan_origin(builder, origin);
	if (!change) {
		unit_compile_scope(limits);
		if (builder->failed < 0)
			return builder->failed;
		plan_origin(builder, origin);
		directories_emit(limits);
		accounting_emit(limits);
	}
	limits_emit(limits);
	if (change)
		unit_compile_change(limits);
	return builder->failed;
}

int cgroup_compile_change(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place, const struct spec_resources *resources,
	const struct cgroup_change *change)
{
	struct limits limits = {.builder = builder,
		.host = host,
		.place = place,
		.change = change,
		.source = {.resources = resources,
			.previous = change ? change->previous : NULL,
			.arena = builder->arena,
			.err = builder->err}};

	return limits_compile(&limits, resources);
}

int cgroup_compile(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place, const struct spec_resources *resources)
{
	return cgroup_compile_change(builder, host, place, resources, NULL);
}

const char *cgroup_compile_entry(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place)
{
	const char *unified = NULL;

	for (uint32_t i = 0; i < place->count; i++) {
		const char *tasks;
		int32_t slot;

		if (!place->directories[i])
			continue;
		if (host->hierarchies[i].unified) {
			unified = place->directories[i];
			continue;
		}
		tasks = arena_join(builder->arena, place->directories[i], "/tasks", NULL);
		if (!tasks) {
			plan_refuse(builder, NULL, ERROR_SYSTEM, ENOMEM, "out of memory");
			return NULL;
		}
		slot = plan_add_slot(builder, SLOT_WRITE, tasks);
		PLAN_ADD(builder, enter)->tasks = slot;
	}
	return unified;
}

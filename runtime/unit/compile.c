/*
 * A limit is in force because it is in a file; it is a property of the unit as well because systemd
 * writes those files again, when it is reloaded or asked for something else, and people look for
 * it there. So properties are made from the very lines that are written, by the rows of
 * unit/properties.def.
 */
#include "runtime/unit/compile.h"

#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/unit/devices.h"
#include "runtime/unit/properties.h"
#include "spec/arena.h"

#define ANNOTATION "org.systemd.property."

static const struct {
	const char *file, *name;
} accountings[] = {
#define PROPERTY(file, name, value)
#define INSTEAD(file, name, value)
#define KEPT(file)
#define ACCOUNTING(file, name) {file, name},
#include "runtime/unit/properties.def"
#undef ACCOUNTING
#undef KEPT
};

static const char *const kept[] = {
#define ACCOUNTING(file, name)
#define KEPT(file) file,
#include "runtime/unit/properties.def"
#undef PROPERTY
#undef INSTEAD
#undef ACCOUNTING
#undef KEPT
};

/* The part of "A|B" that belongs to a file of "FILE A|FILE B"; NULL when it is none of them. */
static const char *part_find(struct arena *arena, const struct limit_line *line, const char *file)
{
	const char *name = line->file, *text = line->value;

	if (strcmp(name, file) == 0)
		return text;
	for (;;) {
		size_t length = strcspn(name, "|"), size = strcspn(text, "|");

		if (strlen(file) == length && strncmp(name, file, length) == 0)
			return arena_copy(arena, text, size);
		if (!name[length])
			return NULL;
		name += length + 1;
		text += text[size] ? size + 1 : 0;
	}
}

static void line_add(struct unit_words *words, const struct limits *limits,
	const struct limit_line *line, const struct property_row *rows, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct property property = {words, limits, line->origin, rows[i].name};
		const char *text = part_find(words->arena, line, rows[i].file);

		if (text)
			rows[i].convert(&property, text);
	}
}

static void lines_add(struct unit_words *words, const struct limits *limits)
{
	for (const struct limit_line *line = limits->first; line; line = line->next)
		line_add(words, limits, line, unit_rows, unit_row_count);
}

void unit_compile_lines(struct limits *limits)
{
	if (limits->place->unit)
		property_round(limits);
}

static bool lines_have(const struct limits *limits, const char *file)
{
	for (const struct limit_line *line = limits->first; line; line = line->next)
		if (strcmp(line->file, file) == 0)
			return true;
	return false;
}

static void text_add(
	struct unit_words *words, const char *name, const char *type, const char *value)
{
	unit_word(words, name);
	unit_word(words, type);
	unit_word(words, value);
}

/* What every scope of ours has. One that has failed goes by itself. */
static void basics_add(struct unit_words *words, const struct limits *limits)
{
	const struct cgroup_host *host = limits->host;

	text_add(words, "Description", "s", limits->place->description);
	text_add(words, "Slice", "s", limits->place->slice);
	text_add(words, "Delegate", "b", "true");
	text_add(words, "DefaultDependencies", "b", "false");
	text_add(words, "CollectMode", "s", "inactive-or-failed");
	for (size_t i = 0; i < array_size(accountings); i++)
		if (controller_v1(host, accountings[i].file) != CGROUP_NOWHERE ||
			controller_v2(host, accountings[i].file) != CGROUP_NOWHERE)
			text_add(words, accountings[i].name, "b", "true");
	/* without a limit there is none: systemd would put one of its own in its place */
	if (!lines_have(limits, "pids.max"))
		property_add_amount(words, "TasksMax", UINT64_MAX);
}

/* The configuration's own properties win over ours. */
static void annotations_add(struct unit_words *words, struct limits *limits)
{
	struct plan_builder *builder = limits->builder;
	const struct string_map *annotations =
		builder->spec ? &builder->spec->config.annotations : NULL;

	for (uint32_t i = 0; annotations && i < annotations->count && builder->failed == 0; i++) {
		const struct string_pair *pair = &annotations->items[i];
		int r;

		if (strncmp(pair->key, ANNOTATION, strlen(ANNOTATION)) != 0)
			continue;
		r = unit_property(pair->key + strlen(ANNOTATION), pair->value, words, builder->err);
		if (r < 0) {
			error_value(builder->err, "%s", pair->value);
			plan_origin(builder, pair);
			limits_fail(limits, r);
		}
	}
}

static plan_list words_copy(struct limits *limits, const struct unit_words *words)
{
	struct string_list list = {.count = words->count, .given = true, .items = words->items};

	if (words->failed)
		limits_no_memory(limits);
	return plan_copy_list(limits->builder, &list);
}

/* The files of the cgroup that a change of the unit has to leave alone, by their paths. */
static plan_list kept_copy(struct limits *limits)
{
	struct unit_words words = {.arena = limits->builder->arena};

	for (size_t i = 0; i < array_size(kept); i++) {
		uint32_t hierarchy = controller_v1(limits->host, kept[i]);

		if (hierarchy == CGROUP_NOWHERE)
			hierarchy = controller_v2(limits->host, kept[i]);
		if (hierarchy != CGROUP_NOWHERE && limits_placed(limits, hierarchy))
			unit_word(&words,
				arena_format(words.arena, "%s/%s",
					limits->place->directories[hierarchy], kept[i]));
	}
	return words_copy(limits, &words);
}

/* A change of the unit; when file is not NULL only where the hierarchy's directory has that. */
static void change_emit(
	struct limits *limits, const struct unit_words *words, uint32_t hierarchy, const char *file)
{
	struct plan_builder *builder = limits->builder;
	plan_text unit = plan_copy(builder, limits->place->unit);
	plan_text directory =
		plan_copy(builder, file ? limits->place->directories[hierarchy] : NULL);
	plan_text file_text = plan_copy(builder, file);
	plan_list properties = words_copy(limits, words);
	plan_list kept_files = kept_copy(limits);
	struct step_unit *step = PLAN_ADD(builder, unit);

	step->unit = unit;
	step->directory = directory;
	step->file = file_text;
	step->properties = properties;
	step->kept = kept_files;
}

/* What a file that only some hosts have asks of the unit instead. */
static void instead_emit(struct limits *limits)
{
	struct unit_words words = {.arena = limits->builder->arena};
	uint32_t hierarchy = 0, before;

	for (const struct limit_line *line = limits->first; line; line = line->next) {
		before = words.count;
		line_add(&words, limits, line, unit_instead_rows, unit_instead_count);
		hierarchy = words.count > before ? line->hierarchy : hierarchy;
	}
	if (words.count > 0)
		change_emit(limits, &words, hierarchy, unit_instead_rows[0].file);
}

void unit_compile_scope(struct limits *limits)
{
	struct plan_builder *builder = limits->builder;
	struct unit_words words = {.arena = builder->arena};
	struct step_scope *step;
	plan_list properties;
	plan_text unit;

	if (!limits->place->unit)
		return;
	basics_add(&words, limits);
	lines_add(&words, limits);
	unit_devices_add(&words, limits);
	annotations_add(&words, limits);
	unit = plan_copy(builder, limits->place->unit);
	properties = words_copy(limits, &words);
	step = PLAN_ADD(builder, scope);
	step->unit = unit;
	step->properties = properties;
	instead_emit(limits);
}

void unit_compile_change(struct limits *limits)
{
	struct unit_words words = {.arena = limits->builder->arena};

	if (!limits->place->unit)
		return;
	lines_add(&words, limits);
	if (limits->change->asked->devices.count > 0)
		unit_devices_add(&words, limits);
	if (words.count == 0)
		return;
	change_emit(limits, &words, 0, NULL);
	instead_emit(limits);
}

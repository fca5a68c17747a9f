/*
 * A limit is in force because it is in a file; it is a property of the unit as well because systemd
 * writes those files again, when it is reloaded or asked for something else, and people look for
 * it there. So properties are made from the very lines that are written, by the rows of
 * unit/properties.def. Shares of CPU time are the only thing that systemd cannot say exactly, since
 * it counts in percent.
 */
#include "runtime/unit/compile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/unit/devices.h"
#include "runtime/unit/words.h"
#include "spec/arena.h"

#define ANNOTATION "org.systemd.property."
#define PERIOD 100000  /* microseconds: what a new cgroup has */
#define WEIGHT 100     /* of a new cgroup */
#define QUOTA_MIN 1000 /* what the kernel takes */
#define SECOND 1000000
#define PERCENT (SECOND / 100) /* in microseconds of CPU time a second */
#define BITS_MAX 8192          /* CPUs and memory nodes that the kernel can have */

/* One property to be. */
struct property {
	struct unit_words *words;
	const struct limits *limits;
	const char *name;
};

/* ---- conversions: of the text of a file ---- */

/* "max" and "-1" are the greatest number, systemd's infinity. */
static uint64_t amount_read(const char *text)
{
	return text[0] < '0' || text[0] > '9' ? UINT64_MAX : strtoull(text, NULL, 10);
}

static void amount_add(struct unit_words *words, const char *name, uint64_t amount)
{
	unit_word(words, name);
	unit_word(words, "t");
	unit_wordf(words, "%" PRIu64, amount);
}

static void property_amount(const struct property *property, const char *text)
{
	amount_add(property->words, property->name, amount_read(text));
}

/* A weight of 0 is how systemd calls an idle cgroup; one that wakes gets its shares, or the usual
 * ones. */
static void property_idle(const struct property *property, const char *text)
{
	bool idle = amount_read(text) == 1;

	if (idle || property->limits->change)
		amount_add(property->words, property->name, idle ? 0 : WEIGHT);
}

/* The period that goes with a quota in another file. */
static uint64_t period_of(const struct limits *limits)
{
	const struct spec_resources *resources = limits->source.resources;
	uint64_t period = resources && resources->cpu ? resources->cpu->period.value : 0;

	return period ? period : PERIOD;
}

/* A quota and its period. */
struct quota {
	uint64_t quota, period;
	uint64_t share; /* microseconds a second, whole percents, rounded up; UINT64_MAX: all */
};

/* From "QUOTA" or "QUOTA PERIOD". */
static struct quota quota_read(const struct limits *limits, const char *text)
{
	const char *space = strchr(text, ' ');
	struct quota quota = {.quota = amount_read(text),
		.period = space ? amount_read(space + 1) : period_of(limits),
		.share = UINT64_MAX};

	if (quota.quota != UINT64_MAX && quota.period > 0) {
		unsigned __int128 share = (unsigned __int128)quota.quota * SECOND / quota.period;

		quota.share = (uint64_t)((share + PERCENT - 1) / PERCENT * PERCENT);
	}
	return quota;
}

static void property_quota(const struct property *property, const char *text)
{
	struct quota quota = quota_read(property->limits, text);

	if (strchr(text, ' '))
		amount_add(property->words, "CPUQuotaPeriodUSec", quota.period);
	amount_add(property->words, property->name, quota.share);
}

/* "0-3,7" as bytes, the lowest bit of the first is 0. A text that is no such list is left out: the
 * kernel refuses it. */
static void property_bits(const struct property *property, const char *text)
{
	uint8_t bits[BITS_MAX / 8] = {0};
	unsigned long most = 0;

	while (*text) {
		char *end;
		unsigned long low = strtoul(text, &end, 10), high = low;

		if (*end == '-')
			high = strtoul(end + 1, &end, 10);
		if (end == text || high >= BITS_MAX || (*end && *end != ','))
			return;
		for (; low <= high; low++)
			bits[low / 8] |= (uint8_t)(1u << low % 8);
		most = high > most ? high : most;
		text = end + (*end == ',');
	}
	unit_word(property->words, property->name);
	unit_word(property->words, "ay");
	unit_wordf(property->words, "%lu", most / 8 + 1);
	for (unsigned long i = 0; i <= most / 8; i++)
		unit_wordf(property->words, "%u", bits[i]);
}

static void device_add(
	const struct property *property, const char *device, size_t length, uint64_t amount)
{
	unit_word(property->words, property->name);
	unit_word(property->words, "a(st)");
	unit_word(property->words, "1");
	unit_wordf(property->words, "/dev/block/%.*s", (int)length, device);
	unit_wordf(property->words, "%" PRIu64, amount);
}

/* "8:0 AMOUNT"; "default AMOUNT" is none of a device. */
static void property_device(const struct property *property, const char *text)
{
	size_t length = strcspn(text, " ");

	if (text[length] && memchr(text, ':', length))
		device_add(property, text, length, amount_read(text + length + 1));
}

/* "AMOUNT" or "default AMOUNT". */
static void property_weight(const struct property *property, const char *text)
{
	static const char usual[] = "default ";

	if (!strchr(text, ':'))
		property_amount(property,
			strncmp(text, usual, strlen(usual)) == 0 ? text + strlen(usual) : text);
}

/* "8:0 KEY=AMOUNT ..." */
static void property_key(const struct property *property, const char *text, const char *key)
{
	size_t length = strcspn(text, " ");
	const char *at = strstr(text + length, key);

	if (at)
		device_add(property, text, length, amount_read(at + strlen(key)));
}

#define KEY(key) \
	static void property_##key(const struct property *property, const char *text) \
	{ \
		property_key(property, text, " " #key "="); \
	}
KEY(rbps)
KEY(wbps)
KEY(riops)
KEY(wiops)

/* ---- rows ---- */

static const struct row {
	const char *file, *name;
	void (*convert)(const struct property *property, const char *text);
} rows[] = {
#define PROPERTY(file, name, value) {file, name, property_##value},
#define ACCOUNTING(file, name)
#include "runtime/unit/properties.def"
#undef PROPERTY
#undef ACCOUNTING
};

static const struct {
	const char *file, *name;
} accountings[] = {
#define PROPERTY(file, name, value)
#define ACCOUNTING(file, name) {file, name},
#include "runtime/unit/properties.def"
#undef PROPERTY
#undef ACCOUNTING
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

static void lines_add(struct unit_words *words, const struct limits *limits)
{
	for (const struct limit_line *line = limits->first; line; line = line->next)
		for (size_t i = 0; i < array_size(rows); i++) {
			struct property property = {words, limits, rows[i].name};
			const char *text = part_find(words->arena, line, rows[i].file);

			if (text)
				rows[i].convert(&property, text);
		}
}

/* The quota of a line as systemd writes it. */
static void line_round(struct limits *limits, struct limit_line *line)
{
	struct quota quota = quota_read(limits, line->value);
	const char *space = strchr(line->value, ' ');
	uint64_t rounded;

	if (quota.share == UINT64_MAX || quota.quota < QUOTA_MIN)
		return;
	rounded = (uint64_t)((unsigned __int128)quota.share * quota.period / SECOND);
	if (rounded == quota.quota)
		return;
	plan_warn(limits->builder, line->origin,
		"systemd counts CPU time in percent: the quota %" PRIu64
		" is rounded up to %" PRIu64,
		quota.quota, rounded);
	line->value =
		arena_format(limits->builder->arena, "%" PRIu64 "%s", rounded, space ? space : "");
	if (!line->value)
		limits_no_memory(limits);
}

void unit_compile_lines(struct limits *limits)
{
	for (struct limit_line *line = limits->first; limits->place->unit && line;
		line = line->next)
		for (size_t i = 0; i < array_size(rows); i++)
			if (strcmp(rows[i].file, line->file) == 0 &&
				rows[i].convert == property_quota)
				line_round(limits, line);
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
		amount_add(words, "TasksMax", UINT64_MAX);
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
}

void unit_compile_change(struct limits *limits)
{
	struct plan_builder *builder = limits->builder;
	struct unit_words words = {.arena = builder->arena};
	struct step_unit *step;
	plan_list properties;
	plan_text unit;

	if (!limits->place->unit)
		return;
	lines_add(&words, limits);
	if (limits->change->asked->devices.count > 0)
		unit_devices_add(&words, limits);
	if (words.count == 0)
		return;
	unit = plan_copy(builder, limits->place->unit);
	properties = words_copy(limits, &words);
	step = PLAN_ADD(builder, unit);
	step->unit = unit;
	step->properties = properties;
}

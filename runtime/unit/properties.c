/*
 * How each property is made from the text of a file: a function per kind of value, and the rows of
 * unit/properties.def, which name them. Two things systemd cannot say exactly: it counts CPU time
 * in percent, so a quota is rounded before anybody gets it; and it makes the weights of the BFQ
 * scheduler from those for others, so it is told what becomes the right one.
 */
#include "runtime/unit/properties.h"

#include <inttypes.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/amount.h"
#include "runtime/number_list.h"
#include "spec/arena.h"

#define PERIOD 100000  /* microseconds: what a new cgroup has */
#define WEIGHT 100     /* of a new cgroup */
#define QUOTA_MIN 1000 /* what the kernel takes */
#define SECOND 1000000
#define PERCENT (SECOND / 100) /* in microseconds of CPU time a second */
#define BITS_MAX 8192          /* CPUs and memory nodes that the kernel can have */
#define BLOCK_WEIGHT_MAX 1000  /* of systemd's BlockIOWeight */

/* ---- conversions: of the text of a file ---- */

void property_add_amount(struct unit_words *words, const char *name, uint64_t amount)
{
	unit_word(words, name);
	unit_word(words, "t");
	unit_wordf(words, "%" PRIu64, amount);
}

static void property_amount(const struct property *property, const char *text)
{
	property_add_amount(property->words, property->name, cgroup_amount(text));
}

/* A weight of 0 is how systemd calls an idle cgroup; one that wakes gets its shares, or the usual
 * ones. */
static void property_idle(const struct property *property, const char *text)
{
	bool idle = cgroup_amount(text) == 1;

	if (idle || property->limits->change)
		property_add_amount(property->words, property->name, idle ? 0 : WEIGHT);
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
	struct quota quota = {.quota = cgroup_amount(text),
		.period = space ? cgroup_amount(space + 1) : period_of(limits),
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
		property_add_amount(property->words, "CPUQuotaPeriodUSec", quota.period);
	property_add_amount(property->words, property->name, quota.share);
}

static unsigned int byte_of(const uint64_t *bits, uint32_t number)
{
	return bits[number / 8] >> number % 8 * 8 & 0xff;
}

/* "0-3,7" as bytes, the lowest bit of the first is 0. A text that is no such list is left out: the
 * kernel refuses it. */
static void property_bits(const struct property *property, const char *text)
{
	uint64_t bits[BITS_MAX / 64] = {0};
	uint32_t bytes;

	if (text[0] && !number_list_parse(text, bits, BITS_MAX))
		return;
	bytes = number_list_size(bits, BITS_MAX);
	while (bytes > 1 && byte_of(bits, bytes - 1) == 0)
		bytes--;
	unit_word(property->words, property->name);
	unit_word(property->words, "ay");
	unit_wordf(property->words, "%u", bytes);
	for (uint32_t i = 0; i < bytes; i++)
		unit_wordf(property->words, "%u", byte_of(bits, i));
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

/* Whether the text, with its first word of this length, is "8:0 AMOUNT"; "default AMOUNT" is none
 * of a device. */
static bool device_is(const char *text, size_t length)
{
	return text[length] && memchr(text, ':', length);
}

static void property_device(const struct property *property, const char *text)
{
	size_t length = strcspn(text, " ");

	if (device_is(text, length))
		device_add(property, text, length, cgroup_amount(text + length + 1));
}

/* The amount of "AMOUNT" or "default AMOUNT". */
static const char *weight_word(const char *text)
{
	static const char usual[] = "default ";

	return strncmp(text, usual, strlen(usual)) == 0 ? text + strlen(usual) : text;
}

static void property_weight(const struct property *property, const char *text)
{
	if (!strchr(text, ':'))
		property_amount(property, weight_word(text));
}

/*
 * From the weight of an "io" that systemd is told it makes one of BFQ: up to 100 the same, above it
 * an eleventh of what is more. This is the way back.
 */
static uint64_t weight_of_bfq(uint64_t weight)
{
	return weight <= WEIGHT ? weight : WEIGHT + (weight - WEIGHT) * 11;
}

static void property_bfq_weight(const struct property *property, const char *text)
{
	if (!strchr(text, ':'))
		property_add_amount(property->words, property->name,
			weight_of_bfq(cgroup_amount(weight_word(text))));
}

static void property_bfq_device(const struct property *property, const char *text)
{
	size_t length = strcspn(text, " ");

	if (device_is(text, length))
		device_add(property, text, length, weight_of_bfq(cgroup_amount(text + length + 1)));
}

static void weight_forget(const struct property *property, const char *text)
{
	plan_warn(property->limits->builder, property->origin,
		"systemd knows no weight for BFQ like %s: when it writes the weights again this "
		"one is not in force",
		text);
}

/* The same on v1, where the weight that systemd is told ends where BFQ has 181, and none is for a
 * device. */
static void property_block_weight(const struct property *property, const char *text)
{
	uint64_t weight = cgroup_amount(text), told = weight_of_bfq(weight);

	if (told > BLOCK_WEIGHT_MAX)
		weight_forget(property, text);
	property_add_amount(
		property->words, property->name, told > BLOCK_WEIGHT_MAX ? weight : told);
}

static void property_block_device(const struct property *property, const char *text)
{
	weight_forget(property, text);
	property_device(property, text);
}

/* "8:0 KEY=AMOUNT ..." */
static void property_key(const struct property *property, const char *text, const char *key)
{
	size_t length = strcspn(text, " ");
	const char *at = strstr(text + length, key);

	if (at)
		device_add(property, text, length, cgroup_amount(at + strlen(key)));
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

#define PROPERTY(file, name, value) {file, name, property_##value},
#define INSTEAD(file, name, value)
#define ACCOUNTING(file, name)
#define KEPT(file)
const struct property_row unit_rows[] = {
#include "runtime/unit/properties.def"
};
const uint32_t unit_row_count = array_size(unit_rows);
#undef PROPERTY
#undef INSTEAD
#define PROPERTY(file, name, value)
#define INSTEAD(file, name, value) {file, name, property_##value},
const struct property_row unit_instead_rows[] = {
#include "runtime/unit/properties.def"
};
const uint32_t unit_instead_count = array_size(unit_instead_rows);
#undef PROPERTY
#undef INSTEAD
#undef ACCOUNTING
#undef KEPT

/* ---- rounding ---- */

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

void property_round(struct limits *limits)
{
	for (struct limit_line *line = limits->first; line; line = line->next)
		for (uint32_t i = 0; i < unit_row_count; i++)
			if (strcmp(unit_rows[i].file, line->file) == 0 &&
				unit_rows[i].convert == property_quota)
				line_round(limits, line);
}

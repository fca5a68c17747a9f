/*
 * Conversions between what the specification says (in terms of cgroup v1) and what the kernel's
 * files take. Zero is how docker writes "not set" for shares, quota, period, weights and all
 * amounts of memory; for pids and swappiness it is a value. Conversions read the member types that
 * config.def gives their rows, and rely on the rules that hold for a checked configuration.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/values.h"
#include "runtime/cgroup/weight.h"
#include "spec/arena.h"

#define PERIOD 100000 /* microseconds: what a new cgroup has */
#define SHARES_MIN 2
#define SHARES_MAX 262144

const char *text_format(struct value_source *source, const char *format, ...)
{
	char buffer[512], *text;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(buffer)) {
		source->failed = error_set(source->err, ERROR_CONFIG_RANGE, ENAMETOOLONG,
			"a text of %d bytes is too long for a cgroup file", length);
		return "";
	}
	text = arena_copy(source->arena, buffer, (size_t)length);
	if (!text)
		source->failed = error_set(source->err, ERROR_SYSTEM, ENOMEM, "out of memory");
	return text ? text : "";
}

void text_signed(struct value_source *source, int64_t number, struct cgroup_value *value)
{
	value->text = text_format(source, "%" PRId64, number);
}

void text_unsigned(struct value_source *source, uint64_t number, struct cgroup_value *value)
{
	value->text = text_format(source, "%" PRIu64, number);
}

/* ---- plain ---- */

CONVERSION(ignored)
{
	if (((const struct maybe_int *)property)->value > 0)
		source->warning =
			"ignored: kernels have no such limit any more, memory.limit counts it";
}

CONVERSION(nothing)
{
}

CONVERSION(text)
{
	value->text = *(const char *const *)property;
}

CONVERSION(signed)
{
	const struct maybe_int *number = property;

	if (number->given)
		text_signed(source, number->value, value);
}

CONVERSION(unsigned)
{
	const struct maybe_uint *number = property;

	if (number->given)
		text_unsigned(source, number->value, value);
}

CONVERSION(signed_set)
{
	const struct maybe_int *number = property;

	if (number->value != 0)
		text_signed(source, number->value, value);
}

CONVERSION(unsigned_set)
{
	const struct maybe_uint *number = property;

	if (number->value != 0)
		text_unsigned(source, number->value, value);
}

CONVERSION(boolean)
{
	const struct maybe_bool *boolean = property;

	if (boolean->given)
		value->text = boolean->value ? "1" : "0";
}

CONVERSION(only_true)
{
	if (((const struct maybe_bool *)property)->value)
		value->text = "1";
}

CONVERSION(only_false)
{
	const struct maybe_bool *boolean = property;

	if (boolean->given && !boolean->value)
		value->text = "0";
}

/* ---- memory ---- */

CONVERSION(bytes_or_max)
{
	const struct maybe_int *bytes = property;

	if (bytes->value < 0)
		value->text = "max";
	else
		value_signed_set(source, property, value);
}

/* The part of swap in "memory and swap together". A limit of 0 is none, which the rules let pass.
 */
static int64_t swap_part(struct value_source *source, int64_t total)
{
	int64_t limit = source->resources->memory->limit.value;

	if (limit <= 0 || total < limit)
		source->failed = error_set(source->err, ERROR_CONFIG_RULE, EINVAL,
			"a limit of memory and swap together needs a memory limit below it");
	return total - limit;
}

/* Kernels without swap accounting lack the file: fine where there is nothing to forbid. */
CONVERSION(swap_total)
{
	const struct maybe_int *total = property;

	if (total->value == 0)
		return;
	if (total->value < 0 || swap_part(source, total->value) == 0)
		value->file = text_format(source, "%s|", value->file);
	text_signed(source, total->value, value);
}

CONVERSION(swap_alone)
{
	const struct maybe_int *total = property;
	int64_t swap;

	if (total->value == 0)
		return;
	swap = total->value < 0 ? -1 : swap_part(source, total->value);
	if (swap <= 0)
		value->file = text_format(source, "%s|", value->file);
	if (swap < 0)
		value->text = "max";
	else
		text_signed(source, swap, value);
}

/* Update, v1: the limit is going above what memory and swap together may be now. */
CONVERSION(swap_raised)
{
	const struct spec_memory *was = source->previous ? source->previous->memory : NULL;
	int64_t limit = source->resources->memory->limit.value;

	if (was && was->swap.value > 0 && (limit < 0 || limit > was->swap.value))
		value_swap_total(source, property, value);
}

/* ---- cpu ---- */

static const struct spec_cpu no_cpu;

/* What is in force in an update; nothing in a new cgroup. */
static const struct spec_cpu *cpu_before(const struct value_source *source)
{
	return source->previous && source->previous->cpu ? source->previous->cpu : &no_cpu;
}

/* Update: the kernel takes no shares of an idle cgroup, which keeps those that it has. */
static bool shares_wait(const struct value_source *source)
{
	const struct spec_cpu *was = cpu_before(source), *cpu = source->resources->cpu;

	return was->idle.value == 1 &&
		(cpu->idle.value == 0 || cpu->shares.value == was->shares.value);
}

static bool shares_come_back(const struct value_source *source)
{
	return shares_wait(source) && source->resources->cpu->idle.value == 0;
}

static void value_weight(
	struct value_source *source, const void *property, struct cgroup_value *value)
{
	const struct maybe_uint *shares = property;

	if (shares->value != 0)
		text_unsigned(source, cgroup_weight_of_shares(shares->value), value);
}

/* v1: what is beyond its bounds the kernel takes, and keeps the bound. */
static void value_shares_bounded(
	struct value_source *source, const void *property, struct cgroup_value *value)
{
	uint64_t shares = ((const struct maybe_uint *)property)->value;

	if (shares != 0 && (shares < SHARES_MIN || shares > SHARES_MAX))
		source->failed = error_set(source->err, ERROR_CONFIG_RANGE, ERANGE,
			"cgroup v1 has shares of CPU time from %d to %d", SHARES_MIN, SHARES_MAX);
	value_unsigned_set(source, property, value);
}

CONVERSION(shares)
{
	if (!shares_wait(source))
		value_shares_bounded(source, property, value);
}

CONVERSION(shares_again)
{
	if (shares_come_back(source))
		value_shares_bounded(source, property, value);
}

CONVERSION(weight_of_shares)
{
	if (!shares_wait(source))
		value_weight(source, property, value);
}

CONVERSION(weight_again)
{
	if (shares_come_back(source))
		value_weight(source, property, value);
}

/* Update: the quota may be going below what the burst is now. */
CONVERSION(burst_lowered)
{
	if (((const struct maybe_uint *)property)->value < cpu_before(source)->burst.value)
		value_unsigned(source, property, value);
}

CONVERSION(quota)
{
	const struct maybe_int *quota = property;

	if (quota->value != 0)
		text_signed(source, quota->value < 0 ? -1 : quota->value, value);
}

/* Update, v1: with a shorter period the quota that is in force would be a greater share. */
CONVERSION(quota_early)
{
	uint64_t was = cpu_before(source)->period.value;

	uint64_t period = source->resources->cpu->period.value;

	if (source->previous && period != 0 && period < (was ? was : PERIOD))
		value_quota(source, property, value);
}

/* v2 has quota and period in one file; the quota's row writes both, the period's only where there
 * is no quota. */
CONVERSION(quota_and_period)
{
	const struct maybe_int *quota = property;
	uint64_t period = source->resources->cpu->period.value;

	if (quota->value == 0)
		return;
	value->text = quota->value < 0 ? "max" : text_format(source, "%" PRId64, quota->value);
	if (period != 0)
		value->text = text_format(source, "%s %" PRIu64, value->text, period);
}

CONVERSION(period_alone)
{
	const struct maybe_uint *period = property;

	if (period->value != 0 && source->resources->cpu->quota.value == 0)
		value->text = text_format(source, "max %" PRIu64, period->value);
}

/* ---- pids ---- */

/* No more than none but the first process, which is in already (v1) or would be refused (v2): 0 is
 * written as 1. */
CONVERSION(pids)
{
	const struct maybe_int *limit = property;

	if (limit->given && limit->value < 0)
		value->text = "max";
	else if (limit->given)
		text_signed(source, limit->value > 0 ? limit->value : 1, value);
}

/* ---- the table ---- */

#define OBJECT(object) offsetof(struct spec_resources, object), sizeof(struct spec_##object)
#define MEMBER(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define COLUMNS(v1_file, v1_value, v2_file, v2_value) \
	{ \
		{v1_file, value_##v1_value}, \
		{ \
			v2_file, value_##v2_value \
		} \
	}
#define LIMIT(object, member, ...) \
	{OBJECT(object), MEMBER(spec_##object, member), 0, false, COLUMNS(__VA_ARGS__)},
#define LIST(object, member, item, ...) \
	{OBJECT(object), MEMBER(spec_##object, member), sizeof(struct spec_##item), false, \
		COLUMNS(__VA_ARGS__)},
#define TOP_LIST(member, item, ...) \
	{0, 0, MEMBER(spec_resources, member), sizeof(item), true, COLUMNS(__VA_ARGS__)},
const struct cgroup_row cgroup_rows[] = {
#include "runtime/cgroup/files.def"
};
#undef OBJECT
#undef MEMBER
#undef COLUMNS
#undef LIMIT
#undef LIST
#undef TOP_LIST
const uint32_t cgroup_row_count = array_size(cgroup_rows);

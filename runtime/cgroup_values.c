/*
 * Conversions between what the specification says (in terms of cgroup v1) and what the kernel's
 * files take. Zero is how docker writes "not set" for shares, quota, period, weights and all
 * amounts of memory; for pids and swappiness it is a value. Conversions read the member types that
 * config.def gives their rows, and rely on the rules that hold for a checked configuration.
 */
#include "runtime/cgroup_values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup_weight.h"
#include "spec/arena.h"

#define CONVERSION(name) \
	static void value_##name( \
		struct value_source *source, const void *property, struct cgroup_value *value)

/* Formats into the arena; on failure "", so that nobody meets NULL. */
__attribute__((format(printf, 2, 3))) static const char *text_format(
	struct value_source *source, const char *format, ...)
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

static void text_signed(struct value_source *source, int64_t number, struct cgroup_value *value)
{
	value->text = text_format(source, "%" PRId64, number);
}

static void text_unsigned(struct value_source *source, uint64_t number, struct cgroup_value *value)
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

/* ---- cpu ---- */

CONVERSION(weight_of_shares)
{
	const struct maybe_uint *shares = property;

	if (shares->value != 0)
		text_unsigned(source, cgroup_weight_of_shares(shares->value), value);
}

CONVERSION(quota)
{
	const struct maybe_int *quota = property;

	if (quota->value != 0)
		text_signed(source, quota->value < 0 ? -1 : quota->value, value);
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

/* ---- block devices ---- */

CONVERSION(io_weight)
{
	uint64_t weight = ((const struct maybe_uint *)property)->value;

	if (weight != 0)
		value->text = text_format(
			source, "%" PRIu64 "|%" PRIu64, weight, cgroup_weight_of_blkio(weight));
}

CONVERSION(device_weight)
{
	const struct spec_weight_device *device = property;

	if (device->weight.value != 0)
		value->text = text_format(source, "%" PRId64 ":%" PRId64 " %" PRIu64,
			device->major.value, device->minor.value, device->weight.value);
}

CONVERSION(device_io_weight)
{
	const struct spec_weight_device *device = property;
	int64_t major = device->major.value, minor = device->minor.value;
	uint64_t weight = device->weight.value;

	if (weight != 0)
		value->text = text_format(source,
			"%" PRId64 ":%" PRId64 " %" PRIu64 "|%" PRId64 ":%" PRId64 " %" PRIu64,
			major, minor, weight, major, minor, cgroup_weight_of_blkio(weight));
}

CONVERSION(device_leaf_weight)
{
	const struct spec_weight_device *device = property;

	if (device->leaf_weight.value != 0)
		value->text = text_format(source, "%" PRId64 ":%" PRId64 " %" PRIu64,
			device->major.value, device->minor.value, device->leaf_weight.value);
}

CONVERSION(rate)
{
	const struct spec_throttle_device *device = property;

	value->text = text_format(source, "%" PRId64 ":%" PRId64 " %" PRIu64, device->major.value,
		device->minor.value, device->rate.value);
}

/* One key of io.max; a rate of 0 takes the limit away. */
static void value_io_max(struct value_source *source, const struct spec_throttle_device *device,
	const char *key, struct cgroup_value *value)
{
	const char *rate = device->rate.value == 0
		? "max"
		: text_format(source, "%" PRIu64, device->rate.value);

	value->text = text_format(source, "%" PRId64 ":%" PRId64 " %s=%s", device->major.value,
		device->minor.value, key, rate);
}

#define IO_MAX(key) \
	CONVERSION(key) \
	{ \
		value_io_max(source, property, #key, value); \
	}
IO_MAX(rbps)
IO_MAX(wbps)
IO_MAX(riops)
IO_MAX(wiops)

/* ---- huge pages, network, rdma, unified ---- */

/* The kernel names sizes by the greatest unit that fits: "2048KB" is in files of "2MB". */
CONVERSION(hugepages)
{
	const struct spec_hugepage_limit *limit = property;
	const char *star = strchr(value->file, '*'), *units = "KMG";
	char *unit;
	uint64_t number = strtoull(limit->page_size, &unit, 10);

	for (units = strchr(units, *unit); number % 1024 == 0 && units[1]; units++)
		number /= 1024;
	value->file = text_format(source, "%.*s%" PRIu64 "%cB%s", (int)(star - value->file),
		value->file, number, *units, star + 1);
	text_unsigned(source, limit->limit.value, value);
}

CONVERSION(priority)
{
	const struct spec_interface_priority *priority = property;

	value->text = text_format(source, "%s %" PRIu64, priority->name, priority->priority.value);
}

CONVERSION(rdma)
{
	const struct spec_rdma_entry *entry = property;

	value->text = entry->key;
	if (entry->value.hca_handles.given)
		value->text = text_format(source, "%s hca_handle=%" PRIu64, value->text,
			entry->value.hca_handles.value);
	if (entry->value.hca_objects.given)
		value->text = text_format(source, "%s hca_object=%" PRIu64, value->text,
			entry->value.hca_objects.value);
}

CONVERSION(unified)
{
	const struct string_pair *pair = property;

	value->file = pair->key;
	value->text = pair->value;
}

#define LIMIT(object, member, v1_file, v1_value, v2_file, v2_value) \
	{offsetof(struct spec_resources, object), offsetof(struct spec_##object, member), 0, \
		false, {{v1_file, value_##v1_value}, {v2_file, value_##v2_value}}},
#define LIST(object, member, item, v1_file, v1_value, v2_file, v2_value) \
	{offsetof(struct spec_resources, object), offsetof(struct spec_##object, member), \
		sizeof(struct spec_##item), false, \
		{{v1_file, value_##v1_value}, {v2_file, value_##v2_value}}},
#define TOP_LIST(member, item, v1_file, v1_value, v2_file, v2_value) \
	{0, offsetof(struct spec_resources, member), sizeof(item), true, \
		{{v1_file, value_##v1_value}, {v2_file, value_##v2_value}}},
const struct cgroup_row cgroup_rows[] = {
#include "runtime/cgroup_files.def"
};
#undef LIMIT
#undef LIST
#undef TOP_LIST
const uint32_t cgroup_row_count = array_size(cgroup_rows);

/*
 * Conversions of what comes in lists: limits of disks, huge pages, network interfaces, rdma
 * devices, and the files of cgroup v2 by their own names.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/cgroup/conversions.h"
#include "runtime/cgroup/weight.h"

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

/*
 * Device rules on their way to steps: lines for v1, a program for v2. A new cgroup of v1 is first
 * closed altogether; one with processes is only changed where it has to be.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/devices.h"
#include "runtime/cgroup/limits.h"
#include "spec/arena.h"

static const char *const device_files[] = {"devices.deny", "devices.allow"};

#define DEVICE_TEXT_MAX sizeof("c 4294967295:4294967295 rwm")

/* The next two write at `to` and return the new end: */
static char *digits_write(char *to, int64_t number)
{
	if (number < 0)
		return stpcpy(to, "*");
	if (number > 9)
		to = digits_write(to, number / 10);
	*to++ = (char)('0' + number % 10);
	return to;
}

/* "c 1:3 rwm", or "a" for the general rule. */
static char *device_write(char *to, const struct device_access *item)
{
	if (item->type == 0)
		return stpcpy(to, "a");
	*to++ = item->type;
	to = digits_write(stpcpy(to, " "), item->major);
	to = digits_write(stpcpy(to, ":"), item->minor);
	to = stpcpy(to, " ");
	to = stpcpy(to, item->access & BPF_DEVCG_ACC_READ ? "r" : "");
	to = stpcpy(to, item->access & BPF_DEVCG_ACC_WRITE ? "w" : "");
	return stpcpy(to, item->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
}

/* Exceptions with the same origin (ours have none) share a line, so that their file is opened once.
 */
static void devices_compile_v1(
	struct limits *limits, const struct device_access_list *rules, uint32_t hierarchy)
{
	struct plan_builder *builder = limits->builder;
	struct device_access_list list;
	const void *origin = NULL;
	int r = device_exceptions(rules, builder->arena, &list, &origin, builder->err);
	char *text = r < 0 ? NULL : arena_alloc(builder->arena, list.count * DEVICE_TEXT_MAX);

	plan_origin(builder, origin);
	limits_fail(limits, r);
	if (r == 0 && !text)
		limits_no_memory(limits);
	for (uint32_t i = 0; text && i < list.count;) {
		const struct device_access *first = &list.items[i];
		const char *value = text;

		text = device_write(text, first);
		for (i++; i > 1 && i < list.count && list.items[i].origin == first->origin; i++)
			text = device_write(stpcpy(text, "\n"), &list.items[i]);
		text++; /* over the NUL */
		limits_add(limits, first->origin, hierarchy, device_files[first->allow], value);
	}
}

/* ---- v1, changed: only the differences, so that nothing is denied in between ---- */

/* The accesses of an exception to one device. */
static uint32_t list_access(const struct device_access_list *list, const struct device_access *item)
{
	for (uint32_t i = 1; i < list->count; i++)
		if (list->items[i].type == item->type && list->items[i].major == item->major &&
			list->items[i].minor == item->minor)
			return list->items[i].access;
	return 0;
}

/* A line for each exception of one list with what the other lacks of it. */
static void difference_add(struct limits *limits, const struct device_access_list *list,
	const struct device_access_list *other, bool allow, uint32_t hierarchy)
{
	char *text = arena_alloc(limits->builder->arena, list->count * DEVICE_TEXT_MAX);

	if (!text)
		limits_no_memory(limits);
	for (uint32_t i = 1; text && i < list->count; i++) {
		struct device_access item = list->items[i];
		const char *value = text;

		item.access &= ~list_access(other, &item);
		if (!item.access)
			continue;
		text = device_write(text, &item) + 1;
		limits_add(limits, item.origin, hierarchy, device_files[allow], value);
	}
}

/* False: everything is turned round, from denied to allowed or back. */
static bool devices_change_v1(struct limits *limits, const struct device_access_list *rules,
	const struct device_access_list *former, uint32_t hierarchy)
{
	struct plan_builder *builder = limits->builder;
	struct device_access_list now, before;
	const void *origin = NULL;
	bool allow;

	if (device_exceptions(rules, builder->arena, &now, &origin, builder->err) < 0 ||
		device_exceptions(former, builder->arena, &before, &origin, builder->err) < 0 ||
		now.items[0].allow != before.items[0].allow)
		return false;
	allow = !now.items[0].allow; /* what an exception does */
	difference_add(limits, &now, &before, allow, hierarchy);
	difference_add(limits, &before, &now, !allow, hierarchy);
	return true;
}

static void devices_write_v1(
	struct limits *limits, const struct device_access_list *rules, uint32_t hierarchy)
{
	const struct cgroup_change *change = limits->change;
	struct plan_builder *builder = limits->builder;
	struct device_access_list former;
	const void *origin = NULL;

	if (change &&
		device_rules(&change->previous->devices, builder->arena, &former, &origin,
			builder->err) == 0 &&
		devices_change_v1(limits, rules, &former, hierarchy))
		return;
	error_clear(builder->err); /* of the comparison */
	devices_compile_v1(limits, rules, hierarchy);
}

void limits_add_devices(struct limits *limits, const struct spec_resources *resources)
{
	struct plan_builder *builder = limits->builder;
	uint32_t v1 = controller_v1(limits->host, "devices.");
	uint32_t v2 = controller_unified(limits->host);
	const struct spec_device_rule_list *asked = resources ? &resources->devices : NULL;
	struct device_access_list rules;
	const void *origin = NULL;
	int r = device_rules(asked, builder->arena, &rules, &origin, builder->err);

	plan_origin(builder, origin);
	limits_fail(limits, r);
	if (r < 0)
		return;
	/* The kernel takes such rules of root alone; others can make no nodes. */
	if (limits->place->unprivileged)
		return;
	/* Who has no cgroup makes no nodes either: the devices of the container are the host's. */
	if ((v1 != CGROUP_NOWHERE && !limits_placed(limits, v1)) ||
		(v1 == CGROUP_NOWHERE && v2 != CGROUP_NOWHERE && !limits_placed(limits, v2)))
		return;
	if (v1 != CGROUP_NOWHERE) {
		devices_write_v1(limits, &rules, v1);
	} else if (v2 != CGROUP_NOWHERE) {
		limits->filter_hierarchy = v2;
		limits->filter_origin = asked;
		limits_fail(limits,
			device_program(&rules, builder->arena, &limits->filter,
				&limits->filter_size, builder->err));
		limits->filtered = limits->filter_size > 0 || limits->change;
	} else if (asked && asked->count > 0) {
		plan_refuse(builder, asked->items, ERROR_CGROUP, ENODEV,
			"device rules need the cgroup controller devices or cgroup v2; neither is "
			"mounted here");
	}
}

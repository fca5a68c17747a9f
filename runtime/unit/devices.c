/*
 * systemd enforces its device properties itself: by a filter beside ours on v2, by writing the list
 * anew on v1. So they say what the rules say, or, where ours stand beside them, more.
 */
#include "runtime/unit/devices.h"

#include <linux/bpf.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/devices.h"
#include "spec/arena.h"

/* A device, or several, in systemd's words; NULL when it has none for them. */
static const char *device_name(
	struct arena *arena, const struct device_access *item, char type, bool more)
{
	const char *kind = type == 'c' ? "char" : "block";

	if (item->major < 0 && (item->minor < 0 || more))
		return arena_format(arena, "%s-*", kind);
	if (item->major < 0)
		return NULL;
	if (item->minor < 0)
		return arena_format(arena, "%s-%lld", kind, (long long)item->major);
	return arena_format(
		arena, "/dev/%s/%lld:%lld", kind, (long long)item->major, (long long)item->minor);
}

static void device_add(struct unit_words *words, struct limits *limits,
	const struct device_access *item, char type)
{
	const char *name = device_name(words->arena, item, type, limits->filtered);

	if (!name) {
		plan_warn(limits->builder, item->origin,
			"systemd has no words for a minor number of all majors: when it writes the "
			"rules again this one is not in force");
		return;
	}
	unit_word(words, "DeviceAllow");
	unit_word(words, "a(ss)");
	unit_word(words, "1");
	unit_word(words, name);
	unit_wordf(words, "%s%s%s", item->access & BPF_DEVCG_ACC_READ ? "r" : "",
		item->access & BPF_DEVCG_ACC_WRITE ? "w" : "",
		item->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
}

static void items_add(
	struct unit_words *words, struct limits *limits, const struct device_access_list *list)
{
	static const char types[] = {'b', 'c'};

	for (uint32_t i = 0; i < list->count; i++)
		for (size_t j = 0; list->items[i].allow && j < array_size(types); j++)
			if (list->items[i].type == types[j] || list->items[i].type == 0)
				device_add(words, limits, &list->items[i], types[j]);
}

void unit_devices_add(struct unit_words *words, struct limits *limits)
{
	const struct spec_resources *resources = limits->source.resources;
	struct device_access_list rules, exceptions;
	struct error ignored = {0};
	const void *origin = NULL;
	bool open = false;

	/* the rules have been compiled for the cgroup, which is where their errors are told */
	if (limits->place->unprivileged ||
		device_rules(resources ? &resources->devices : NULL, words->arena, &rules, &origin,
			&ignored) < 0)
		return;
	if (device_exceptions(&rules, words->arena, &exceptions, &origin, &ignored) == 0) {
		open = exceptions.items[0].allow;
		rules = exceptions;
	}
	if (open && rules.count > 1 && !limits->filtered)
		plan_warn(limits->builder, rules.items[1].origin,
			"systemd knows no lists of what is denied: when it writes the rules again "
			"this one is not in force");
	unit_word(words, "DeviceAllow");
	unit_word(words, "a(ss)");
	unit_word(words, "0");
	if (!open)
		items_add(words, limits, &rules);
	unit_word(words, "DevicePolicy");
	unit_word(words, "s");
	unit_word(words, open ? "auto" : "strict");
}

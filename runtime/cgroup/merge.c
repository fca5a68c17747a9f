/*
 * What an update asks for, joined with what is in force. Whether a property asks for anything is
 * what its row's conversion says when a cgroup is made: so zeros that mean "not set" there change
 * nothing here. Objects of the former state are copied before they are changed, entries of lists
 * replace those for the same device, page size or file.
 */
#include <errno.h>
#include <string.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/values.h"
#include "spec/arena.h"

struct merge {
	const struct spec_resources *previous;
	struct spec_resources *asked;
	struct spec_resources *merged;
	struct arena *arena;
};

/* The property or entry in the words of v1: {file, text}. */
static struct cgroup_value value_of(
	const struct merge *merge, const struct cgroup_row *row, const void *property, bool *asks)
{
	struct error ignored = {0};
	struct value_source source = {
		.resources = merge->asked, .arena = merge->arena, .err = &ignored};
	struct cgroup_value value = {.file = row->columns[CGROUP_COLUMN_V1].file};

	row->columns[CGROUP_COLUMN_V1].convert(&source, property, &value);
	*asks = value.text || source.failed < 0 || source.warning;
	return value;
}

/* Same file, and the same first word of a line that has several: the device. */
static bool entries_clash(
	const struct merge *merge, const struct cgroup_row *row, const void *a, const void *b)
{
	bool asks;
	struct cgroup_value left = value_of(merge, row, a, &asks);
	struct cgroup_value right = value_of(merge, row, b, &asks);
	size_t length;

	if (!left.text || !right.text || strcmp(left.file, right.file) != 0)
		return false;
	length = strcspn(left.text, " ");
	return !row->columns[CGROUP_COLUMN_V1].file || left.text[length] == '\0' ||
		strncmp(left.text, right.text, length + 1) == 0;
}

static bool list_has(const struct merge *merge, const struct cgroup_row *row,
	const struct any_list *list, const void *entry)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (entries_clash(merge, row, list->items + (size_t)i * row->item, entry))
			return true;
	return false;
}

/* into: those of the former list that asked does not replace, then asked. */
static int list_merge(const struct merge *merge, const struct cgroup_row *row,
	const struct any_list *asked, struct any_list *into)
{
	size_t added = (size_t)asked->count * row->item;
	char *items = arena_alloc(merge->arena, (size_t)into->count * row->item + added);
	uint32_t count = 0;

	if (!items)
		return -ENOMEM;
	if (into->count >= asked->count && /* another row has the same list */
		memcmp(into->items + (size_t)(into->count - asked->count) * row->item, asked->items,
			added) == 0)
		return 0;
	for (uint32_t i = 0; i < into->count; i++) {
		const char *entry = into->items + (size_t)i * row->item;

		if (!list_has(merge, row, asked, entry))
			memcpy(items + (size_t)count++ * row->item, entry, row->item);
	}
	memcpy(items + (size_t)count * row->item, asked->items, added);
	*into = (struct any_list){count + asked->count, true, items};
	return 0;
}

/* The object of a row in the merged resources, as a copy that may be changed. NULL: no memory. */
static char *object_own(const struct merge *merge, const struct cgroup_row *row)
{
	char **object = (char **)((char *)merge->merged + row->object);
	char *former = *(char *const *)((const char *)merge->previous + row->object);

	if (row->top)
		return (char *)merge->merged;
	if (*object && *object != former)
		return *object;
	*object = arena_alloc(merge->arena, row->object_size);
	if (*object && former)
		memcpy(*object, former, row->object_size);
	return *object;
}

/* Returns 1 when the row asked for something. */
static int row_merge(const struct merge *merge, const struct cgroup_row *row)
{
	const char *object = (const char *)merge->asked, *property;
	char *own;
	bool asks;

	if (!row->top)
		object = *(const char *const *)(object + row->object);
	if (!object)
		return 0;
	property = object + row->member;
	if (row->item > 0)
		asks = ((const struct any_list *)property)->count > 0;
	else
		value_of(merge, row, property, &asks);
	if (!asks)
		return 0;
	own = object_own(merge, row);
	if (!own)
		return -ENOMEM;
	if (row->item == 0)
		memcpy(own + row->member, property, row->size);
	else if (list_merge(merge, row, (const struct any_list *)property,
			 (struct any_list *)(own + row->member)) < 0)
		return -ENOMEM;
	return 1;
}

/* What no row says. */
static void memory_merge(const struct merge *merge)
{
	const struct spec_memory *asked = merge->asked->memory;
	struct spec_memory *memory = merge->merged->memory;

	if (!asked)
		return;
	if (asked->check_before_update.given)
		memory->check_before_update = asked->check_before_update;
	/* Without a limit of memory none of memory and swap together can stay. */
	if (asked->limit.value < 0 && asked->swap.value == 0 && memory->swap.value > 0)
		memory->swap.value = -1;
}

int cgroup_merge(const struct spec_resources *previous, struct spec_resources *asked,
	struct arena *arena, struct spec_resources *merged)
{
	struct merge merge = {previous, asked, merged, arena};
	bool objects[sizeof(*asked)] = {0}; /* by offset: something was asked for in it */

	*merged = *previous;
	for (uint32_t i = 0; i < cgroup_row_count; i++) {
		int r = row_merge(&merge, &cgroup_rows[i]);

		if (r < 0)
			return r;
		objects[cgroup_rows[i].object] |= r > 0;
	}
	for (uint32_t i = 0; i < cgroup_row_count; i++)
		if (!cgroup_rows[i].top && !objects[cgroup_rows[i].object])
			*(void **)((char *)asked + cgroup_rows[i].object) = NULL;
	memory_merge(&merge);
	if (asked->devices.count > 0)
		merged->devices = asked->devices;
	return 0;
}

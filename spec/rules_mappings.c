/* Rules about id mappings: the kernel would refuse the same with a bare EINVAL, and for all lines
 * at once. */
#include "spec/rules.h"

#define ID_LIMIT (1ULL << 32) /* ids end before it */
#define MAPPING_LINES_MAX 340 /* UID_GID_MAP_MAX_EXTENTS, since Linux 4.15 */

static const void *mapping_far(const struct spec_config *config, const void *object)
{
	const struct spec_id_mapping *mapping = object;

	return mapping->container_id.value + mapping->size.value > ID_LIMIT ||
			mapping->host_id.value + mapping->size.value > ID_LIMIT
		? &mapping->size
		: NULL;
}

static const struct rule id_mapping_rules[] = {
	{mapping_far, "the range ends beyond the last id, 4294967295", NULL},
};

static bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static bool mappings_overlap(const struct spec_id_mapping *a, const struct spec_id_mapping *b)
{
	return ranges_overlap(a->container_id.value, a->size.value, b->container_id.value,
		       b->size.value) ||
		ranges_overlap(a->host_id.value, a->size.value, b->host_id.value, b->size.value);
}

static const void *list_overlap(const struct spec_id_mapping_list *list)
{
	for (uint32_t i = 1; i < list->count && list->count <= MAPPING_LINES_MAX; i++)
		for (uint32_t j = 0; j < i; j++)
			if (mappings_overlap(&list->items[i], &list->items[j]))
				return &list->items[i];
	return NULL;
}

static const void *linux_overlap(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;
	const void *overlap = list_overlap(&linux->uid_mappings);

	return overlap != NULL ? overlap : list_overlap(&linux->gid_mappings);
}

static const void *linux_long(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	return linux->uid_mappings.count > MAPPING_LINES_MAX    ? &linux->uid_mappings
		: linux->gid_mappings.count > MAPPING_LINES_MAX ? &linux->gid_mappings
								: NULL;
}

#define OVERLAP "overlaps with an earlier range"
#define LONG "the kernel takes at most 340 ranges"

static const struct rule linux_rules[] = {
	{linux_overlap, OVERLAP, NULL},
	{linux_long, LONG, NULL},
};

static const void *mount_overlap(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	const void *overlap = list_overlap(&mount->uid_mappings);

	return overlap != NULL ? overlap : list_overlap(&mount->gid_mappings);
}

static const void *mount_long(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;

	return mount->uid_mappings.count > MAPPING_LINES_MAX    ? &mount->uid_mappings
		: mount->gid_mappings.count > MAPPING_LINES_MAX ? &mount->gid_mappings
								: NULL;
}

static const void *mount_half_mapped(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	bool uid = mount->uid_mappings.count > 0, gid = mount->gid_mappings.count > 0;

	return uid == gid ? NULL : uid ? &mount->uid_mappings : &mount->gid_mappings;
}

static const struct rule mount_rules[] = {
	{mount_overlap, OVERLAP, NULL},
	{mount_long, LONG, NULL},
	{mount_half_mapped, "uidMappings and gidMappings of a mount come together", NULL},
};

const struct rule_group rules_of_mappings[] = {
	RULES(id_mapping, id_mapping_rules),
	RULES(linux, linux_rules),
	RULES(mount, mount_rules),
	{0},
};

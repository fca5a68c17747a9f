/*
 * The user namespace of an idmapped mount: made for it from mappings, or the container's. Mappings
 * come from the mount's own lists, or are spelt out in the option, as podman hands them on:
 * "idmap=uids=A-B-N#...;gids=A-B-N#...", where A is an id in the filesystem, B the one that is seen
 * on the host, or inside the container's user namespace behind "@", and N the size of the range.
 */
#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/plan/compile_parts.h"
#include "spec/names.h"

#define ID_LIMIT (1ULL << 32)

/* Reads digits and the character after them; false when there are none, or too many. */
static bool number_take(const char **at, char end, uint64_t *number)
{
	char *after;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*number = strtoull(*at, &after, 10);
	*at = after + (end != '\0');
	return errno == 0 && *number < ID_LIMIT && (end == '\0' || *after == end);
}

/* The host's id for one of the container's user namespace; ID_LIMIT when it is not mapped. */
static uint64_t host_id(const struct spec_id_mapping_list *list, uint64_t id)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct spec_id_mapping *map = &list->items[i];

		if (id >= map->container_id.value && id - map->container_id.value < map->size.value)
			return id - map->container_id.value + map->host_id.value;
	}
	return ID_LIMIT;
}

/* Reads "A-B-N#...", with container's ids behind "@"; *at is behind it. NULL when it is malformed.
 */
static const char *ranges_take(
	struct compile *c, const char **at, const struct spec_id_mapping_list *container)
{
	const char *lines = "";

	for (bool more = true; more; *at += more) {
		bool relative = **at == '@';
		uint64_t inside, outside, size;

		*at += relative;
		if (!number_take(at, '-', &inside) || !number_take(at, '-', &outside) ||
			!number_take(at, '\0', &size))
			return NULL;
		if (relative)
			outside = host_id(container, outside);
		if (size == 0 || inside + size > ID_LIMIT || outside + size > ID_LIMIT)
			return NULL;
		lines = compile_text(c, "%s%llu %llu %llu\n", lines, (unsigned long long)inside,
			(unsigned long long)outside, (unsigned long long)size);
		more = **at == '#';
	}
	return lines;
}

/* The maps that an option spells out, as the slot wants them; NULL after a refusal. */
static const char *option_maps(struct compile *c, const char *const *option)
{
	const char *at = strchr(*option, '=') + 1, *uids = NULL, *gids = NULL;
	bool good = true;

	for (bool more = true; good && more; at += more) {
		const char **lines = strncmp(at, "uids=", 5) == 0 ? &uids
			: strncmp(at, "gids=", 5) == 0            ? &gids
								  : NULL;

		good = lines != NULL && *lines == NULL;
		at += good ? 5 : 0;
		if (good)
			*lines = ranges_take(c, &at,
				lines == &uids ? &c->linux->uid_mappings : &c->linux->gid_mappings);
		good = good && *lines != NULL && (*at == ';' || *at == '\0');
		more = good && *at == ';';
	}
	if (good && uids != NULL && gids != NULL)
		return compile_text(c, "%s\n%s", uids, gids);
	plan_refuse(&c->builder, option, ERROR_CONFIG_WORD, EINVAL,
		"expected uids=A-B-N[#...];gids=A-B-N[#...] with ids that exist, got \"%s\"",
		strchr(*option, '=') + 1);
	return NULL;
}

/* The option that spells mappings out, or NULL. */
static const char *const *option_with_maps(const struct spec_mount *mount)
{
	for (uint32_t i = 0; i < mount->options.count; i++) {
		const struct mount_option *option = mount_option_find(mount->options.items[i]);

		if (option != NULL && option->kind == MOUNT_OPTION_IDMAP &&
			strchr(mount->options.items[i], '=') != NULL)
			return &mount->options.items[i];
	}
	return NULL;
}

/* One namespace serves all mounts that are mapped alike: engines map each volume of a pod. */
static int32_t idmap_slot(struct compile *c, enum plan_slot_kind kind, const char *text)
{
	int32_t slot;

	for (uint32_t i = 0; i < c->builder.slot_count; i++) {
		const struct plan_slot *made = &c->builder.slots[i];

		if ((c->idmaps & 1ULL << i) && made->kind == kind &&
			strcmp(c->builder.bytes + made->path.at, text) == 0)
			return (int32_t)i;
	}
	slot = plan_add_slot(&c->builder, kind, text);
	if (slot >= 0)
		c->idmaps |= 1ULL << slot;
	return slot;
}

int32_t compile_idmap(struct compile *c, const struct spec_mount *mount)
{
	const struct spec_id_mapping_list *uids = &mount->uid_mappings,
					  *gids = &mount->gid_mappings;
	const struct spec_namespace *user = compile_namespace(c, CLONE_NEWUSER);
	const char *const *option = option_with_maps(mount);

	if (uids->count == 0 && option != NULL) {
		const char *maps = option_maps(c, option);

		return maps == NULL ? -1 : idmap_slot(c, SLOT_IDMAP, maps);
	}
	if (uids->count == 0 && user != NULL && user->path != NULL)
		return idmap_slot(c, SLOT_READ, user->path);
	if (uids->count == 0) {
		uids = &c->linux->uid_mappings;
		gids = &c->linux->gid_mappings;
	}
	return idmap_slot(c, SLOT_IDMAP,
		compile_text(c, "%s\n%s", compile_maps(c, uids), compile_maps(c, gids)));
}

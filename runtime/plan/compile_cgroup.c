/*
 * The container's cgroup, and whose it is. On v2 a container that sees its cgroup as the root of
 * the tree, and may write there, is to rule below it: then the cgroup becomes its user's, as the
 * specification's section "Cgroup ownership" has it. A cgroup of v1 is never given away: it could
 * be used to get out of it.
 */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "runtime/plan/compile_parts.h"

/* True for the mount of the container's cgroups, to read and to write. */
static bool mount_is_writable(const struct spec_mount *mount)
{
	if (!mount->source || strcmp(mount->source, "cgroup") != 0 ||
		strcmp(mount->destination, "/sys/fs/cgroup") != 0)
		return false;
	for (uint32_t i = 0; i < mount->options.count; i++)
		if (strcmp(mount->options.items[i], "ro") == 0)
			return false;
	return true;
}

/* The host's uid of the container's user; false when it cannot be told. */
static bool user_on_host(const struct compile *c, uint32_t *uid)
{
	const struct spec_id_mapping_list *maps = &c->linux->uid_mappings;
	uint64_t inside = c->process && c->process->user ? c->process->user->uid.value : 0;

	*uid = (uint32_t)inside;
	if (!c->mapped)
		return true;
	for (uint32_t i = 0; i < maps->count; i++) {
		const struct spec_id_mapping *map = &maps->items[i];

		if (inside >= map->container_id.value &&
			inside - map->container_id.value < map->size.value) {
			*uid = (uint32_t)(map->host_id.value + inside - map->container_id.value);
			return true;
		}
	}
	return false;
}

/* The directory that can be given away: that of a host which has the unified tree alone. */
static const char *directory_to_give(const struct compile *c)
{
	const struct cgroup_host *host = c->input->cgroup_host;
	const struct cgroup_place *place = c->input->cgroup;

	return host->count == 1 && host->hierarchies[0].unified && place->count == 1
		? place->directories[0]
		: NULL;
}

static void compile_owner(struct compile *c)
{
	const char *directory = directory_to_give(c);
	const struct spec_mount *writable = NULL;
	struct step_owner *step;
	plan_text path;
	uint32_t uid;

	for (uint32_t i = 0; i < c->config->mounts.count && !writable; i++)
		if (mount_is_writable(&c->config->mounts.items[i]))
			writable = &c->config->mounts.items[i];
	/* of who is not root, what systemd delegates is his already */
	if (!directory || !writable || !(c->made & CLONE_NEWCGROUP) || !c->input->privileged ||
		!user_on_host(c, &uid) || uid == 0)
		return;
	plan_origin(&c->builder, writable);
	path = plan_copy(&c->builder, directory);
	step = PLAN_ADD(&c->builder, owner);
	step->path = path;
	step->uid = uid;
}

void compile_cgroup(struct compile *c)
{
	struct plan_builder *builder = &c->builder;
	char pointer[256];

	plan_origin(builder, &c->linux->cgroups_path);
	if (cgroup_compile(builder, c->input->cgroup_host, c->input->cgroup, c->linux->resources) ==
		0) {
		compile_owner(c);
		return;
	}
	if (builder->failed == 0)
		builder->failed = builder->err->number != 0 ? -builder->err->number : -EINVAL;
	plan_pointer(c->input->spec, NULL, builder->origin, pointer, sizeof(pointer));
	error_pointer(builder->err, "%s", pointer);
}

/* Three verbs begin alike: find the directory, take the lock, read what was written when the
 * container was made. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/bundle.h"
#include "runtime/capability.h"
#include "runtime/existing.h"
#include "runtime/readiness.h"
#include "runtime/trace.h"
#include "runtime/unit/place.h"

int existing_enter(
	struct existing *existing, const char *root, const char *id, int lock, struct error *err)
{
	int result = store_root(root, existing->root, sizeof(existing->root), err);

	if (result == 0)
		result = container_enter(&existing->container, existing->root, id, err);
	if (result == 0 && lock > 0)
		result = container_lock(&existing->container, lock, err);
	if (result == 0)
		result = record_read(
			&existing->container, &existing->spec.arena, &existing->record, err);
	/* somebody is at work on it: it is about to be a container, or was one */
	if (result == -ENODATA && lock == 0 && container_is_busy(&existing->container)) {
		error_clear(err);
		result = container_missing(id, err);
	}
	trace_lap("enter the container, read its record");
	return result;
}

bool existing_is_plain(const struct existing *existing)
{
	return existing->record.hooks.given && existing->record.hooks.value == 0;
}

int existing_read_spec(struct existing *existing, struct error *err)
{
	int result = spec_read(&existing->spec, existing->container.dir, BUNDLE_FILE, err);

	/* the same plan as when it was made: a failure is told by the number of its step */
	if (result == 0 && readiness_planned(&existing->container))
		result = readiness_plan(
			&existing->spec, existing->root, existing->container.id, err);
	return result;
}

/* The hierarchy that a path is in: mount points may lie below one another, the nearest counts. */
static const struct cgroup_hierarchy *hierarchy_of(const struct cgroup_host *host, const char *path)
{
	const struct cgroup_hierarchy *nearest = NULL;
	size_t most = 0;

	for (uint32_t i = 0; i < host->count; i++) {
		const char *mount = host->hierarchies[i].mount;
		size_t length = strlen(mount);

		if (length > most && strncmp(path, mount, length) == 0 && path[length] == '/') {
			nearest = &host->hierarchies[i];
			most = length;
		}
	}
	return nearest;
}

/* The recorded directory in a hierarchy, or NULL. */
static const char *directory_recall(const struct spec_cgroup_directory_list *recorded,
	const struct cgroup_host *host, const struct cgroup_hierarchy *hierarchy)
{
	for (uint32_t i = 0; i < recorded->count; i++)
		if (hierarchy_of(host, recorded->items[i].path) == hierarchy)
			return recorded->items[i].path;
	return NULL;
}

/* The unit of the record, and what the configuration calls it: the plan is the same as when it was
 * made. */
static int unit_recall(struct existing *existing, struct error *err)
{
	const struct spec_linux *linux = existing->spec.config.linux;
	struct cgroup_place named;
	int result = unit_place(&existing->cgroup_host, existing->record.unit_user.value, "",
		linux ? linux->cgroups_path : NULL, existing->container.id, &existing->spec.arena,
		&named, err);

	existing->cgroup.unit = existing->record.unit;
	existing->cgroup.slice = named.slice;
	existing->cgroup.description = named.description;
	existing->manager.user = existing->record.unit_user.value;
	return result;
}

/* The recorded directories, parallel to the hierarchies: the caller's own cgroup may not be the
 * creator's. */
static int place_recall(struct existing *existing, struct error *err)
{
	const struct spec_cgroup_directory_list *recorded = &existing->record.cgroups;
	const struct cgroup_host *host = &existing->cgroup_host;
	const char **directories =
		arena_alloc(&existing->spec.arena, (host->count + 1) * sizeof(*directories));

	if (!directories)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < host->count; i++)
		directories[i] = directory_recall(recorded, host, &host->hierarchies[i]);
	existing->cgroup = (struct cgroup_place){
		.driver = recorded->count ? CGROUP_CGROUPFS : CGROUP_DISABLED,
		.count = host->count,
		.directories = directories,
		.unprivileged = !host_is_ours(),
	};
	if (existing->record.unit)
		return unit_recall(existing, err);
	return 0;
}

static struct resctrl_place resctrl_recall(const struct spec_record *record)
{
	const struct spec_cgroup_directory_list *groups = &record->resctrl;

	return (struct resctrl_place){
		.group = groups->count > 0 ? groups->items[0].path : NULL,
		.monitor = groups->count > 1 ? groups->items[1].path : NULL,
	};
}

int existing_input(struct existing *existing, struct compile_input *input, struct error *err)
{
	int result = cgroup_probe(&existing->spec.arena, &existing->cgroup_host, err);

	if (result == 0)
		result = place_recall(existing, err);
	*input = (struct compile_input){
		.spec = &existing->spec,
		.process = existing->spec.config.process,
		.id = existing->container.id,
		.bundle = existing->record.bundle,
		.rootfs = existing->record.rootfs,
		.cgroup_host = &existing->cgroup_host,
		.cgroup = &existing->cgroup,
		.resctrl = resctrl_recall(&existing->record),
		.capabilities = capability_available(),
		.privileged = host_is_ours(),
		.console = existing->record.terminal.value,
		.environment = environ,
	};
	return result;
}

void existing_free(struct existing *existing)
{
	manager_close(&existing->manager);
	container_leave(&existing->container);
	spec_free(&existing->spec);
}

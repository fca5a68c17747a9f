/*
 * A leftover of a killed create is a record without init: what it names may or may not exist. And
 * when the record itself cannot be read, the cgroup that follows from the id still finds the
 * processes.
 */
#include "runtime/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/report.h"
#include "runtime/unit/place.h"

/* poststop hooks need the configuration; a container whose copy is damaged is removed without them.
 */
const struct spec *leftover_spec(struct existing *existing)
{
	struct error err = {0};

	if (existing_is_plain(existing))
		return NULL;
	if (existing_read_spec(existing, &err) == 0)
		return &existing->spec;
	report_warning(err.pointer, err.message);
	return NULL;
}

/* The record is written before all else: a directory with nothing in it is that of a create that
 * was killed at once. */
bool leftover_is_empty(const struct existing *existing)
{
	return faccessat(existing->container.dir, BUNDLE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
		errno == ENOENT;
}

/* The scope where create would have put it, by the manager of this caller. */
static int unit_guess(struct existing *existing, const char *path, struct error *err)
{
	struct arena *arena = &existing->spec.arena;
	struct manager *manager = &existing->manager;
	int result;

	manager->user = !host_is_ours();
	result = manager_open(manager, arena, err);
	if (result == 0)
		result = unit_place(&existing->cgroup_host, manager->user, manager->cgroup, path,
			existing->container.id, arena, &existing->cgroup, err);
	existing->record.unit = existing->cgroup.unit;
	existing->record.unit_made = (struct maybe_bool){true, true};
	existing->record.unit_user = (struct maybe_bool){true, manager->user};
	return result;
}

/* The record as far as the id tells it: the cgroup where create would have put it. */
int leftover_guess(struct existing *existing, const struct spec *spec, struct error *err)
{
	struct arena *arena = &existing->spec.arena;
	struct spec_record *record = &existing->record;
	const char *path = spec && spec->config.linux ? spec->config.linux->cgroups_path : NULL;
	int result = cgroup_probe(arena, &existing->cgroup_host, err);

	*record = (struct spec_record){.id = existing->container.id, .bundle = "/"};
	if (result == 0 && path && unit_path_is(path))
		result = unit_guess(existing, path, err);
	else if (result == 0)
		result = cgroup_place(&existing->cgroup_host, CGROUP_CGROUPFS, path,
			existing->container.id, arena, &existing->cgroup, err);
	if (result < 0)
		return result;
	record->cgroups.items =
		arena_alloc(arena, (existing->cgroup.count + 1) * sizeof(*record->cgroups.items));
	if (!record->cgroups.items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < existing->cgroup.count; i++)
		if (existing->cgroup.directories[i])
			record->cgroups.items[record->cgroups.count++] =
				(struct spec_cgroup_directory){
					.path = existing->cgroup.directories[i],
					.made = {true, true},
					.parents = {true, existing->cgroup.parents},
				};
	return 0;
}

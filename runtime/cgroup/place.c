/*
 * Where a container's cgroup lies: one directory per hierarchy, decided from the configuration's
 * path and what is mounted, without looking at what exists. The same path means the same place, and
 * no path leaves the mount points.
 */
#include <errno.h>
#include <string.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/unit/place.h"
#include "spec/arena.h"

/* path with single slashes, without "." and the last slash, starting with "/" when it has any part;
 * NULL and err. */
static const char *path_clean(const char *path, struct arena *arena, struct error *err)
{
	char *clean = arena_alloc(arena, strlen(path) + 2), *to = clean;

	if (!clean) {
		error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
		return NULL;
	}
	for (const char *part = path; *part; part += strcspn(part, "/")) {
		size_t length;

		part += strspn(part, "/");
		length = strcspn(part, "/");
		if (length == 0 || (length == 1 && part[0] == '.'))
			continue;
		if (length == 2 && strncmp(part, "..", 2) == 0) {
			error_set(err, ERROR_CGROUP, EINVAL,
				"the cgroup path %s contains \"..\": it must not leave its place",
				path);
			return NULL;
		}
		*to++ = '/';
		to = (char *)memcpy(to, part, length) + length;
	}
	return clean;
}

/* The directory below which a relative path lies, in the form "" or "/...". */
static const char *hierarchy_base(const struct cgroup_hierarchy *hierarchy)
{
	/* A cgroup with processes hands down no controller, and own has one: us. So the unified
	 * tree's base is its root. */
	return hierarchy->unified || strcmp(hierarchy->own, "/") == 0 ? "" : hierarchy->own;
}

static int place_path(const struct cgroup_host *host, const char *path, const char *id,
	struct arena *arena, struct cgroup_place *place, struct error *err)
{
	bool absolute = path && path[0] == '/';
	const char *clean = path_clean(path ? path : id, arena, err);

	if (!clean)
		return -EINVAL;
	if (clean[0] == '\0')
		return error_set(err, ERROR_CGROUP, EINVAL,
			"the cgroup path %s names no cgroup below the mount point", path);
	place->directories = arena_alloc(arena, (host->count + 1) * sizeof(*place->directories));
	if (!place->directories)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < host->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &host->hierarchies[i];

		place->directories[i] = arena_join(arena, hierarchy->mount,
			absolute ? "" : hierarchy_base(hierarchy), clean, NULL);
		if (!place->directories[i])
			return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	}
	place->count = host->count;
	for (const char *slash = strchr(clean + 1, '/'); slash; slash = strchr(slash + 1, '/'))
		place->parents++;
	return 0;
}

int cgroup_place(const struct cgroup_host *host, enum cgroup_driver driver, const char *path,
	const char *id, struct arena *arena, struct cgroup_place *place, struct error *err)
{
	int r;

	*place = (struct cgroup_place){.driver = driver};
	if (driver == CGROUP_DISABLED)
		return 0;
	if (path && unit_path_is(path)) {
		r = error_set(err, ERROR_CGROUP, EINVAL,
			"the cgroup path %s is a slice, a prefix and a name, as systemd takes it",
			path);
		error_hint(err, "use --systemd-cgroup, or a path such as /containers/%s", id);
	} else {
		r = place_path(host, path, id, arena, place, err);
	}
	if (r < 0 && path)
		error_value(err, "%s", path);
	return r;
}

const char *cgroup_unified_mount(const struct cgroup_host *host)
{
	for (uint32_t i = 0; i < host->count; i++)
		if (host->hierarchies[i].unified)
			return host->hierarchies[i].mount;
	return NULL;
}

/*
 * systemd says where a unit's cgroup is only when there is one, and we write down where it will be
 * before that. So its rules are applied here: a slice a-b.slice lies in a.slice, and a directory
 * whose name could be taken for a file of the kernel's gets a "_" in front.
 */
#include "runtime/unit/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "spec/arena.h"

#define SLICE ".slice"
#define SCOPE ".scope"
#define ROOT_SLICE "-" SLICE
#define UNIT_MAX 255 /* bytes of a unit's name */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.-@\\"

bool unit_path_is(const char *path)
{
	const char *first = strchr(path, ':');
	const char *second = first ? strchr(first + 1, ':') : NULL;

	return second && !strchr(second + 1, ':') && !strchr(path, '/');
}

static int memory_missing(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), size = strlen(end);

	return length >= size && strcmp(name + length - size, end) == 0;
}

/* True when systemd puts a "_" in front of the directory of this name. */
static bool name_is_escaped(const char *name)
{
	static const char *const controllers[] = {
		"cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids"};
	size_t length = strcspn(name, ".");

	if (strchr("_.", name[0]) || strncmp(name, "cgroup.", strlen("cgroup.")) == 0)
		return true;
	for (size_t i = 0; i < array_size(controllers); i++)
		if (strlen(controllers[i]) == length && strncmp(controllers[i], name, length) == 0)
			return true;
	return false;
}

/* path with one directory more; NULL when there is no memory. */
static const char *path_extend(
	struct arena *arena, const char *path, const char *name, size_t length, const char *end)
{
	const char *directory = arena_format(arena, "%.*s%s", (int)length, name, end);

	if (!path || !directory)
		return NULL;
	return arena_format(
		arena, "%s/%s%s", path, name_is_escaped(directory) ? "_" : "", directory);
}

static int slice_refuse(const char *slice, struct error *err)
{
	int r = error_set(err, ERROR_CGROUP, EINVAL, "\"%s\" is no slice of systemd's", slice);

	error_hint(err,
		"a slice is called like machine.slice or a-b.slice, without slashes; \"\" is the "
		"usual one");
	return r;
}

/* "/a.slice/a-b.slice" for a-b.slice; *depth counts them. */
static int slice_path(const char *slice, struct arena *arena, const char **path, uint32_t *depth,
	struct error *err)
{
	size_t length = strlen(slice);

	*path = "";
	*depth = 0;
	if (strcmp(slice, ROOT_SLICE) == 0)
		return 0;
	if (!ends_with(slice, SLICE) || length > UNIT_MAX || slice[strspn(slice, LETTERS)])
		return slice_refuse(slice, err);
	length -= strlen(SLICE);
	for (size_t at = 0; at <= length; at++) {
		if (at < length && slice[at] != '-')
			continue;
		if (at == 0 || slice[at - 1] == '-')
			return slice_refuse(slice, err);
		*path = path_extend(arena, *path, slice, at, SLICE);
		if (!*path)
			return memory_missing(err);
		++*depth;
	}
	return 0;
}

/* A container's id as part of a unit's name: of its letters only "+" is none of a unit's. */
static const char *id_escape(struct arena *arena, const char *id)
{
	const char *plus = strchr(id, '+');

	if (!plus)
		return id;
	return arena_format(arena, "%.*s\\x2b%s", (int)(plus - id), id, id_escape(arena, plus + 1));
}

static int unit_name_check(const char *unit, struct error *err)
{
	int r;

	if (unit[strspn(unit, LETTERS)] == '\0' && strlen(unit) <= UNIT_MAX)
		return 0;
	r = error_set(err, ERROR_CGROUP, EINVAL, "\"%s\" is no name of a unit of systemd's", unit);
	error_hint(err, "letters, digits and :_.-@\\ make one, of %d bytes at most", UNIT_MAX);
	return r;
}

/* The parts of SLICE:PREFIX:NAME, with the defaults. */
static int path_split(const char *path, bool user, const char *id, struct arena *arena,
	struct cgroup_place *place, struct error *err)
{
	const char *slice = path ? path : "::", *prefix, *name;
	int r = 0;

	if (!unit_path_is(slice)) {
		r = error_set(err, ERROR_CGROUP, EINVAL,
			"systemd takes the cgroup path as SLICE:PREFIX:NAME, not as %s", path);
		error_hint(err,
			"write for instance \"machine.slice:mydocker:%s\"; a path is taken without "
			"--systemd-cgroup",
			id);
		return r;
	}
	prefix = strchr(slice, ':') + 1;
	name = strchr(prefix, ':') + 1;
	place->slice = arena_copy(arena, slice, (size_t)(prefix - slice - 1));
	place->unit = path
		? arena_format(arena, "%.*s-%s" SCOPE, (int)(name - prefix - 1), prefix, name)
		: arena_format(arena, "mydocker-%s" SCOPE, id_escape(arena, id));
	place->description = arena_format(arena, "mydocker container %s", id);
	if (!place->slice || !place->unit || !place->description)
		return memory_missing(err);
	if (path && ends_with(name, SLICE))
		return error_set(err, ERROR_CGROUP, EINVAL,
			"%s is a slice: a container is in a scope, whose name has no such end",
			name);
	if (place->slice[0] == '\0')
		place->slice = user ? "user" SLICE : "system" SLICE;
	return unit_name_check(place->unit, err);
}

int unit_place(const struct cgroup_host *host, bool user, const char *base, const char *path,
	const char *id, struct arena *arena, struct cgroup_place *place, struct error *err)
{
	const char *slices = "";
	int r;

	*place = (struct cgroup_place){.driver = CGROUP_SYSTEMD};
	r = path_split(path, user, id, arena, place, err);
	if (r == 0)
		r = slice_path(place->slice, arena, &slices, &place->parents, err);
	if (r < 0) {
		if (path)
			error_value(err, "%s", path);
		return r;
	}
	place->directories = arena_alloc(arena, (host->count + 1) * sizeof(*place->directories));
	if (!place->directories)
		return memory_missing(err);
	for (uint32_t i = 0; i < host->count; i++) {
		const char *above =
			arena_format(arena, "%s%s%s", host->hierarchies[i].mount, base, slices);

		place->directories[i] =
			path_extend(arena, above, place->unit, strlen(place->unit), "");
		if (!place->directories[i])
			return memory_missing(err);
	}
	place->count = host->count;
	return 0;
}

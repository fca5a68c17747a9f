/*
 * What is mounted on this host. Hosts differ: pure v2, v1 with one mount per controller or with
 * several controllers in one, named hierarchies, a unified tree beside them that may own some
 * controllers, other mount points than /sys/fs/cgroup, the same hierarchy mounted twice. So nothing
 * is assumed: /proc/self/cgroup lists the hierarchies that exist (one line each, with our own
 * place), mountinfo says where each can be reached.
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/file.h"
#include "spec/arena.h"

#define USUAL_MOUNT "/sys/fs/cgroup"

/* One line of mountinfo that mounts a cgroup filesystem. */
struct cgroup_mount {
	const char *root; /* directory of the hierarchy that is mounted */
	const char *point;
	const char
		*options; /* of the superblock: the controllers of a v1 hierarchy are among them */
	bool unified;
};

struct mount_list {
	uint32_t count;
	struct cgroup_mount *items;
};

/* Cuts the next field off a line: up to the separator, which is overwritten; NULL at the end. */
static char *field_next(char **rest, char separator)
{
	char *field = *rest, *end;

	if (!field)
		return NULL;
	end = strchr(field, separator);
	if (end)
		*end++ = '\0';
	*rest = end;
	return field;
}

/* Undoes mountinfo's octal escapes (\040 for a space) in place. */
static char *field_unescape(char *field)
{
	char *to = field;

	for (const char *from = field; *from; to++) {
		bool escaped = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' &&
			from[2] >= '0' && from[2] <= '7' && from[3] >= '0' && from[3] <= '7';

		*to = escaped ? (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0')
			      : *from;
		from += escaped ? 4 : 1;
	}
	*to = '\0';
	return field;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPEROPTIONS. False: no cgroup
 * mount. */
static bool mount_parse(char *line, struct cgroup_mount *mount)
{
	char *fields[6], *type, *rest = line;

	for (size_t i = 0; i < 6; i++) {
		fields[i] = field_next(&rest, ' ');
		if (!fields[i])
			return false;
	}
	do
		type = field_next(&rest, ' ');
	while (type && strcmp(type, "-") != 0);
	type = field_next(&rest, ' ');
	if (!type || (strcmp(type, "cgroup") != 0 && strcmp(type, "cgroup2") != 0))
		return false;
	field_next(&rest, ' ');
	mount->options = field_next(&rest, ' ');
	mount->root = field_unescape(fields[3]);
	mount->point = field_unescape(fields[4]);
	mount->unified = strcmp(type, "cgroup2") == 0;
	return mount->options != NULL;
}

static uint32_t lines_count(const char *text)
{
	uint32_t lines = 1;

	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

static int mounts_parse(const char *mountinfo, struct arena *arena, struct mount_list *mounts)
{
	char *rest = arena_copy(arena, mountinfo, strlen(mountinfo)), *line;

	mounts->count = 0;
	mounts->items = arena_alloc(arena, lines_count(mountinfo) * sizeof(*mounts->items));
	if (!rest || !mounts->items)
		return -ENOMEM;
	while ((line = field_next(&rest, '\n')))
		mounts->count += mount_parse(line, &mounts->items[mounts->count]);
	return 0;
}

/* True when the mount shows the hierarchy with these controllers ("" for the unified one). */
static bool mount_shows(const struct cgroup_mount *mount, const char *controllers)
{
	if (mount->unified || controllers[0] == '\0')
		return mount->unified && controllers[0] == '\0';
	for (const char *word = controllers; word; word = strchr(word, ',')) {
		word += *word == ',';
		if (!controllers_have(mount->options, ',', word, strcspn(word, ",")))
			return false;
	}
	return true;
}

/* The rest of path below root, "/..."; NULL when it is not below. */
static const char *path_below(const char *path, const char *root)
{
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	return path[length] ? path + length : "/";
}

/* Of the mounts of one hierarchy: one that shows our own cgroup, then one at the usual place, then
 * the first. */
static const struct cgroup_mount *mount_find(
	const struct mount_list *mounts, const char *controllers, const char *own)
{
	const struct cgroup_mount *best = NULL;
	int best_score = -1;

	for (uint32_t i = 0; i < mounts->count; i++) {
		const struct cgroup_mount *mount = &mounts->items[i];
		int score;

		if (!mount_shows(mount, controllers))
			continue;
		score = (path_below(own, mount->root) ? 2 : 0) +
			(path_below(mount->point, USUAL_MOUNT) ? 1 : 0);
		if (score > best_score) {
			best = mount;
			best_score = score;
		}
	}
	return best;
}

/* True for a place that cannot be walked to from the mount: outside of our cgroup namespace. */
static bool path_climbs(const char *path)
{
	return strncmp(path, "/..", 3) == 0 && (path[3] == '/' || path[3] == '\0');
}

int cgroup_parse(
	const char *mountinfo, const char *own, struct arena *arena, struct cgroup_host *host)
{
	char *rest = arena_copy(arena, own, strlen(own)), *line;
	struct cgroup_hierarchy *list;
	struct mount_list mounts;
	uint32_t unified = 0;

	list = arena_alloc(arena, lines_count(own) * sizeof(*list));
	if (!rest || !list || mounts_parse(mountinfo, arena, &mounts) < 0)
		return -ENOMEM;
	*host = (struct cgroup_host){.hierarchies = list, .v2_controllers = ""};
	while ((line = field_next(&rest, '\n'))) {
		const struct cgroup_mount *mount;
		const char *controllers, *path, *below;

		field_next(&line, ':'); /* the hierarchy's number */
		controllers = field_next(&line, ':');
		path = line;
		mount = path ? mount_find(&mounts, controllers, path) : NULL;
		if (!mount)
			continue;
		below = path_climbs(path) ? NULL : path_below(path, mount->root);
		unified += mount->unified;
		list[host->count++] = (struct cgroup_hierarchy){.mount = mount->point,
			.controllers = controllers,
			.own = below ? below : "/",
			.unified = mount->unified};
	}
	if (host->count > 0)
		host->mode = unified == 0       ? CGROUP_V1
			: unified < host->count ? CGROUP_HYBRID
						: CGROUP_V2;
	return 0;
}

/* What the unified tree can hand down: the controllers that no v1 hierarchy has taken. */
static int controllers_read(struct arena *arena, struct cgroup_host *host, struct error *err)
{
	for (uint32_t i = 0; i < host->count; i++) {
		const char *directory = host->hierarchies[i].mount;
		char text[1024];
		ssize_t length;

		if (!host->hierarchies[i].unified)
			continue;
		length = cgroup_file_read(directory, "cgroup.controllers", text, sizeof(text));
		if (length < 0)
			return error_set(err, ERROR_CGROUP, (int)-length,
				"cannot read %s/cgroup.controllers: %s", directory,
				strerror((int)-length));
		host->v2_controllers = arena_copy(arena, text, (size_t)length);
		if (!host->v2_controllers)
			return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	}
	return 0;
}

/* The lines of /proc/self/cgroup; NULL and errno. Unlike mountinfo, the file comes as a whole. */
static const char *own_load(struct arena *arena)
{
	char text[4096];
	ssize_t length = cgroup_file_read("/proc/self", "cgroup", text, sizeof(text));

	if (length >= (ssize_t)sizeof(text) - 2)
		return cgroup_file_load("/proc/self/cgroup", arena);
	errno = length < 0 ? (int)-length : ENOMEM;
	return length < 0 ? NULL : arena_copy(arena, text, (size_t)length);
}

/* True when the unified hierarchy is the only one, and where everybody has it. */
static bool is_usual(const char *own)
{
	struct statfs fs;

	return strncmp(own, "0::", 3) == 0 && !strchr(own, '\n') && statfs(USUAL_MOUNT, &fs) == 0 &&
		fs.f_type == CGROUP2_SUPER_MAGIC;
}

int cgroup_probe(struct arena *arena, struct cgroup_host *host, struct error *err)
{
	const char *own = own_load(arena), *mountinfo = NULL;

	if (own && is_usual(own)) /* no need to look for mounts */
		mountinfo = "0 0 0:0 / " USUAL_MOUNT " rw - cgroup2 cgroup2 rw\n";
	else if (own)
		mountinfo = cgroup_file_load("/proc/self/mountinfo", arena);
	if (!mountinfo)
		return error_set(err, ERROR_CGROUP, errno, "cannot read /proc/self/%s: %s",
			own ? "mountinfo" : "cgroup", strerror(errno));
	if (cgroup_parse(mountinfo, own, arena, host) < 0)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	return controllers_read(arena, host, err);
}

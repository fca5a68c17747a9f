/*
 * A group is a directory; the kernel fills it with files. A group that exists is shared with
 * whoever made it, so it is only ever compared, and what we did not make we do not remove. All
 * lines go into one write, which the kernel takes line by line, so their order is that of the
 * specification: the cache, the bandwidth, the rest.
 */
#include "runtime/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "spec/arena.h"

#define SCHEMATA_SIZE 65536

/* ---- where ---- */

/* The mount point of the filesystem, in arena; NULL when it is not mounted. */
static const char *mount_find(struct arena *arena)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const char *found = NULL;
	struct mntent *mount;

	while (mounts && !found && (mount = getmntent(mounts)) != NULL)
		if (strcmp(mount->mnt_type, "resctrl") == 0)
			found = arena_format(arena, "%s", mount->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return found;
}

static int mount_missing(const struct spec *spec, struct error *err)
{
	char pointer[sizeof(err->pointer)];

	error_set(err, ERROR_RESCTRL, EOPNOTSUPP,
		"the resctrl filesystem is not mounted: caches and memory buses cannot be shared "
		"out");
	error_hint(
		err, "mount -t resctrl resctrl /sys/fs/resctrl, if processor and kernel have it");
	if (spec_pointer(spec, &spec->config.linux->intel_rdt, pointer, sizeof(pointer)) == 0)
		error_pointer(err, "%s", pointer);
	return -EOPNOTSUPP;
}

int resctrl_place(struct spec *spec, const char *id, struct resctrl_place *place, struct error *err)
{
	const struct spec_linux *linux = spec->config.linux;
	const struct spec_intel_rdt *rdt = linux ? linux->intel_rdt : NULL;
	const char *mount;

	*place = (struct resctrl_place){0};
	if (!rdt)
		return 0;
	mount = mount_find(&spec->arena);
	if (!mount)
		return mount_missing(spec, err);
	place->group = arena_format(&spec->arena, "%s/%s", mount, rdt->clos_id ? rdt->clos_id : id);
	if (rdt->clos_id && strcmp(rdt->clos_id, "/") == 0)
		place->group = mount;
	if (place->group && rdt->enable_monitoring.value)
		place->monitor = arena_format(&spec->arena, "%s/mon_groups/%s", place->group, id);
	if (!place->group || (rdt->enable_monitoring.value && !place->monitor))
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	return 0;
}

/* ---- what ---- */

const char *resctrl_lines(struct arena *arena, const struct spec_intel_rdt *rdt)
{
	const char *lines = NULL;

	if (rdt->l3_cache_schema)
		lines = arena_format(arena, "%s\n", rdt->l3_cache_schema);
	if (rdt->mem_bw_schema)
		lines = arena_format(arena, "%s%s\n", lines ? lines : "", rdt->mem_bw_schema);
	for (uint32_t i = 0; i < rdt->schemata.count; i++)
		lines = arena_format(arena, "%s%s\n", lines ? lines : "", rdt->schemata.items[i]);
	if (!lines && (rdt->l3_cache_schema || rdt->mem_bw_schema || rdt->schemata.count))
		return "";
	return lines;
}

/* One value: "L3:0=ff" in a line "L3:0=ff;1=f". */
struct schema_value {
	const char *resource, *domain, *value;
	int resource_length, domain_length, value_length;
};

/* Cuts the next piece off, up to one of the ends; blanks around it do not count. */
static int piece_cut(const char **text, const char *ends, const char **piece)
{
	size_t length;

	*text += strspn(*text, " \t");
	*piece = *text;
	length = strcspn(*text, ends);
	*text += length;
	while (length > 0 && strchr(" \t", (*piece)[length - 1]) != NULL)
		length--;
	return (int)length;
}

/* Reads the next value; *text stands after it. False at the end. */
static bool value_next(const char **text, struct schema_value *value)
{
	while (**text != '\0') {
		if (strchr(";\n", **text) != NULL) {
			if (*(*text)++ == '\n')
				value->resource = NULL;
			continue;
		}
		if (value->resource == NULL) {
			value->resource_length = piece_cut(text, ":\n", &value->resource);
			*text += **text == ':';
			continue;
		}
		value->domain_length = piece_cut(text, "=;\n", &value->domain);
		*text += **text == '=';
		value->value_length = piece_cut(text, ";\n", &value->value);
		return true;
	}
	return false;
}

static bool piece_is(const char *a, int a_length, const char *b, int b_length)
{
	return a_length == b_length && strncasecmp(a, b, (size_t)a_length) == 0;
}

/* The same digits, in whichever base they are, without zeros in front. */
static bool number_is(const char *a, int a_length, const char *b, int b_length)
{
	for (; a_length > 1 && *a == '0'; a_length--)
		a++;
	for (; b_length > 1 && *b == '0'; b_length--)
		b++;
	return piece_is(a, a_length, b, b_length);
}

/* The last value that a text has for the same domain of the same resource. */
static bool value_find(
	const char *text, const struct schema_value *sought, struct schema_value *found)
{
	struct schema_value value = {0};
	bool any = false;

	while (value_next(&text, &value)) {
		if (piece_is(value.resource, value.resource_length, sought->resource,
			    sought->resource_length) &&
			number_is(value.domain, value.domain_length, sought->domain,
				sought->domain_length)) {
			*found = value;
			any = true;
		}
	}
	return any;
}

bool resctrl_matches(const char *wanted, const char *present)
{
	struct schema_value value = {0}, later, found;
	const char *rest = wanted;

	while (value_next(&rest, &value)) {
		struct schema_value last = value_find(rest, &value, &later) ? later : value;

		if (!value_find(present, &last, &found) ||
			!number_is(found.value, found.value_length, last.value, last.value_length))
			return false;
	}
	return true;
}

/* ---- how ---- */

/* Reads a file below a directory as text; "" when that fails. */
static void text_read(const char *directory, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t length = -1;
	auto_fd int fd = -1;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		length = read(fd, text, size - 1);
	text[length < 0 ? 0 : length] = '\0';
}

/* What the kernel says about the last line that it refused. */
static void status_hint(const char *path, struct error *err)
{
	char parent[PATH_MAX], status[sizeof(err->hint)];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", path);
	text_read(parent, "info/last_cmd_status", status, sizeof(status));
	slash = strrchr(parent, '/');
	if (status[0] == '\0' && slash) {
		*slash = '\0';
		text_read(parent, "info/last_cmd_status", status, sizeof(status));
	}
	status[strcspn(status, "\n")] = '\0';
	if (status[0] != '\0')
		error_hint(err, "the kernel says: %s", status);
}

static int schemata_write(const char *path, const char *schemata, struct error *err)
{
	char file[PATH_MAX];
	auto_fd int fd = -1;
	int result;

	snprintf(file, sizeof(file), "%s/schemata", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, schemata, strlen(schemata)) >= 0)
		return 0;
	result = error_set(err, ERROR_RESCTRL, errno, "cannot write %s: %m", file);
	status_hint(path, err);
	return result;
}

static int schemata_compare(const char *path, const char *schemata, struct error *err)
{
	auto_free char *present = malloc(SCHEMATA_SIZE);

	if (!present)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	text_read(path, "schemata", present, SCHEMATA_SIZE);
	if (resctrl_matches(schemata, present))
		return 0;
	return error_set(err, ERROR_RESCTRL, EEXIST,
		"the group %s exists already, with another schemata", path);
}

int resctrl_make(const char *path, const char *schemata, bool create, bool *made, struct error *err)
{
	struct stat status;
	int result;

	*made = false;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return schemata ? schemata_compare(path, schemata, err) : 0;
	if (!create)
		return error_set(err, ERROR_RESCTRL, ENOENT,
			"the group %s does not exist, and there is no schemata to make it with",
			path);
	if (mkdir(path, 0755) < 0) {
		result = error_set(err, ERROR_RESCTRL, errno, "cannot make the group %s: %m", path);
		status_hint(path, err);
		return result;
	}
	*made = true;
	return schemata ? schemata_write(path, schemata, err) : 0;
}

int resctrl_monitor(const char *path, struct error *err)
{
	if (mkdir(path, 0755) == 0)
		return 0;
	return error_set(
		err, ERROR_RESCTRL, errno, "cannot make the monitoring group %s: %m", path);
}

int resctrl_remove(const struct spec_cgroup_directory_list *groups, struct error *err)
{
	int result = 0;

	for (uint32_t i = groups->count; i > 0; i--) {
		const struct spec_cgroup_directory *group = &groups->items[i - 1];

		if (group->made.value && rmdir(group->path) < 0 && errno != ENOENT)
			result = error_set(err, ERROR_RESCTRL, errno,
				"cannot remove the group %s: %m", group->path);
	}
	return result;
}

/*
 * Who is in a cgroup. The container's processes are members of all its directories alike, so one is
 * asked: one that we made, since in one that was there before others could be.
 */
#include "runtime/cgroup/processes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"
#include "runtime/cgroup/tree.h"

static int pid_add(struct cgroup_pids *pids, pid_t pid)
{
	if (pids->count == pids->size) {
		uint32_t size = pids->size ? 2 * pids->size : 64;
		pid_t *items = arena_alloc(pids->arena, size * sizeof(*items));

		if (!items)
			return -ENOMEM;
		if (pids->count > 0)
			memcpy(items, pids->items, pids->count * sizeof(*items));
		pids->items = items;
		pids->size = size;
	}
	pids->items[pids->count++] = pid;
	return 0;
}

/* Adds the numbers of one cgroup.procs. */
static int procs_read(struct cgroup_pids *pids, const char *directory)
{
	const char *path = arena_format(pids->arena, "%s/cgroup.procs", directory);
	char *text = path ? cgroup_file_load(path, pids->arena) : NULL;
	int r = 0;

	if (!path)
		return -ENOMEM;
	/* Removed while we read; or threads (v2) of a process that is listed further up. */
	if (!text && (errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP))
		return 0;
	if (!text)
		return -errno;
	for (char *end; r == 0 && *text; text = end + (*end == '\n')) {
		pid_t pid = (pid_t)strtol(text, &end, 10);

		if (end == text)
			return -EBADMSG;
		if (pid > 0) /* 0: our pid namespace cannot see it */
			r = pid_add(pids, pid);
	}
	return r;
}

static int pid_compare(const void *a, const void *b)
{
	pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;

	return (left > right) - (left < right);
}

/* Sorts, and drops what a moving process added twice. */
static void pids_sort(struct cgroup_pids *pids)
{
	uint32_t kept = 0;

	if (pids->count == 0)
		return;
	qsort(pids->items, pids->count, sizeof(*pids->items), pid_compare);
	for (uint32_t i = 1; i < pids->count; i++)
		if (pids->items[i] != pids->items[kept])
			pids->items[++kept] = pids->items[i];
	pids->count = kept + 1;
}

int cgroup_pids_read(struct cgroup_pids *pids, const char *directory)
{
	struct cgroup_tree tree = {.arena = pids->arena};
	int r = cgroup_tree_read(&tree, directory);

	pids->count = 0;
	if (r == -ENOENT)
		return 0;
	for (uint32_t i = 0; r == 0 && i < tree.count; i++)
		r = procs_read(pids, tree.paths[i]);
	pids_sort(pids);
	return r;
}

const char *cgroup_own_directory(const struct spec_cgroup_directory_list *directories)
{
	const char *shared = NULL;

	for (uint32_t i = 0; i < directories->count; i++) {
		const struct spec_cgroup_directory *directory = &directories->items[i];

		if (directory->made.value &&
			(access(directory->path, F_OK) == 0 || errno != ENOENT))
			return directory->path;
		if (directory->made.given && !shared)
			shared = directory->path;
	}
	return shared;
}

int cgroup_processes(const struct spec_cgroup_directory_list *directories, struct arena *arena,
	pid_t **pids, uint32_t *count, struct error *err)
{
	struct cgroup_pids list = {.arena = arena};
	const char *directory = cgroup_own_directory(directories);
	int r = directory ? cgroup_pids_read(&list, directory) : 0;

	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot list the processes of %s: %s",
			directory, strerror(-r));
	*pids = list.items;
	*count = list.count;
	return 0;
}

/* Where the process is in the unified tree, "/a/b", in text; NULL if it cannot be known. */
static char *own_path(pid_t init, char *text, size_t size)
{
	char file[32], *own;

	snprintf(file, sizeof(file), "/proc/%d", init);
	if (cgroup_file_read(file, "cgroup", text, size) <= 0)
		return NULL;
	own = strstr(text, "0::/");
	if (!own)
		return NULL;
	own += strlen("0::");
	own[strcspn(own, "\n")] = '\0';
	return own;
}

bool cgroup_follow(const char *cgroup, pid_t init, char *path, size_t size)
{
	char text[PATH_MAX], *own = own_path(init, text, sizeof(text)), *end;
	size_t length = strlen(cgroup);

	if (!own)
		return false;
	/* what both have in common is the container's own path, seen from the mount point */
	for (end = strrchr(own, '/'); end && end > own;
		end = memrchr(own, '/', (size_t)(end - own))) {
		size_t common = (size_t)(end - own);

		if (common <= length && memcmp(cgroup + length - common, own, common) == 0)
			return (size_t)snprintf(path, size, "%s%s", cgroup, end) < size;
	}
	return false;
}

bool cgroup_locate(const char *mount, pid_t init, char *path, size_t size)
{
	char text[PATH_MAX], *own = own_path(init, text, sizeof(text));

	/* "/.." is outside of what this caller's cgroup namespace shows, the root is nobody's */
	if (!own || !own[1] || strncmp(own, "/..", 3) == 0)
		return false;
	return (size_t)snprintf(path, size, "%s%s", mount, own) < size;
}

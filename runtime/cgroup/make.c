/*
 * Making one directory of a container's cgroup. Several containers may be made below the same new
 * parent at once, and any of them may remove it again; so nothing is asked before it is tried, and
 * what vanishes is made again.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"
#include "runtime/cgroup/freezer.h"
#include "runtime/cgroup/mark.h"
#include "runtime/cgroup/processes.h"

#define ATTEMPTS 100 /* against removal by others */

/* ---- cpuset of v1: nothing can enter one without CPUs and memory nodes, as a new one is ---- */

/* Gives a file of a directory what its parent has, unless it has something. -ENODATA: neither has.
 */
static int cpuset_inherit(
	const char *directory, bool fresh, const char *file, const char *file_above)
{
	char text[4096];
	ssize_t length = fresh ? 0 : cgroup_file_read(directory, file, text, sizeof(text));

	if (length != 0)
		return length < 0 ? (int)length : 0;
	length = cgroup_file_read(directory, file_above, text, sizeof(text));
	if (length <= 0)
		return length < 0 ? (int)length : -ENODATA;
	return cgroup_file_write(directory, file, text);
}

/* Fills a directory from its parent. */
static int cpuset_fill(const char *directory, bool fresh)
{
	int r = cpuset_inherit(directory, fresh, "cpuset.cpus", "../cpuset.cpus");

	return r < 0 ? r : cpuset_inherit(directory, fresh, "cpuset.mems", "../cpuset.mems");
}

/* Above the hierarchy's root there are no cpusets, and the root has everything. */
static bool is_cpuset(const char *directory)
{
	return cgroup_file_exists(directory, "cpuset.mem_hardwall");
}

/* Fills all directories above path, from the top. */
static int cpuset_fill_above(const char *path)
{
	char above[PATH_MAX];
	int r = 0;

	strcpy(above, path);
	for (char *slash = strchr(above + 1, '/'); slash && r == 0;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = is_cpuset(above) ? cpuset_fill(above, false) : 0;
		*slash = '/';
	}
	return r;
}

/* ---- directories ---- */

/* -ENOENT: a parent is missing. *made is set when it is new. */
static int directory_make(const char *path, bool cpuset, bool *made)
{
	int r;

	if (mkdir(path, 0755) == 0)
		*made = true;
	else if (errno != EEXIST)
		return -errno;
	r = cpuset ? cpuset_fill(path, *made) : 0;
	if (r != -ENODATA)
		return r;
	r = cpuset_fill_above(path); /* somebody left one of them empty */
	return r < 0 ? r : cpuset_fill(path, false);
}

static int parent_make(const char *path, bool cpuset)
{
	bool made = false;
	int r = directory_make(path, cpuset, &made);

	if (made)
		cgroup_mark(path);
	return r;
}

/* Makes what is missing above path: up to the first that is there, and down again. */
static int parents_make(const char *path, bool cpuset)
{
	size_t length = strlen(path);
	char parent[PATH_MAX], *end;
	int r;

	strcpy(parent, path);
	do {
		end = strrchr(parent, '/');
		if (!end || end == parent)
			return -ENOENT;
		*end = '\0';
		r = parent_make(parent, cpuset);
	} while (r == -ENOENT);
	while (r == 0) {
		parent[strlen(parent)] = '/';
		if (strlen(parent) == length)
			break;
		r = parent_make(parent, cpuset);
	}
	return r;
}

/* ---- fitness of a directory that was there ---- */

static int fitness_check(const char *directory, pid_t keeper, bool *kept, struct error *err)
{
	const struct cgroup_freezer *freezer;
	struct arena arena = {0};
	struct cgroup_pids pids = {.arena = &arena};
	int r = cgroup_pids_read(&pids, directory);

	*kept = pids.count == 1 && pids.items[0] == keeper;
	pids.count -= *kept;
	arena_free(&arena);
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot look into the cgroup %s: %s",
			directory, strerror(-r));
	if (pids.count > 0)
		return error_set(err, ERROR_CGROUP, EBUSY,
			"container's cgroup is not empty: %s has %u processes in it; a container "
			"needs one for itself",
			directory, pids.count);
	freezer = cgroup_freezer_of(directory);
	if (freezer && cgroup_freezer_ask(freezer, directory) > 0)
		return error_set(err, ERROR_CGROUP, EBUSY,
			"container's cgroup unexpectedly frozen: %s; thaw it first", directory);
	return 0;
}

int cgroup_make(const char *directory, bool cpuset, pid_t keeper, bool *made, struct error *err)
{
	int r = -ENAMETOOLONG;

	*made = false;
	if (strlen(directory) < PATH_MAX)
		r = directory_make(directory, cpuset, made);
	for (int i = 0; r == -ENOENT && i < ATTEMPTS; i++) {
		r = parents_make(directory, cpuset);
		if (r == 0)
			r = directory_make(directory, cpuset, made);
	}
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot make the cgroup %s: %s", directory,
			strerror(-r));
	return *made ? 0 : fitness_check(directory, keeper, made, err);
}

int cgroup_check(const char *directory, struct error *err)
{
	bool kept;

	return fitness_check(directory, 0, &kept, err);
}

/*
 * Making one directory of a container's cgroup. Several containers may be made below the same new
 * parent at once, and any of them may remove it again; so nothing is asked before it is tried, and
 * what vanishes is made again.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_file.h"
#include "runtime/cgroup_freezer.h"
#include "runtime/cgroup_mark.h"
#include "runtime/cgroup_processes.h"

#define ATTEMPTS 100 /* against removal by others */

/* ---- cpuset of v1: without CPUs and memory nodes nothing can enter, and a new one has none ----
 */

/* -ENODATA: the parent has none either. */
static int cpuset_inherit(int parent, int directory, const char *file)
{
	char text[4096];
	ssize_t length = cgroup_file_read(directory, file, text, sizeof(text));

	if (length != 0)
		return length < 0 ? (int)length : 0;
	length = cgroup_file_read(parent, file, text, sizeof(text));
	if (length <= 0)
		return length < 0 ? (int)length : -ENODATA;
	return cgroup_file_write(directory, file, text);
}

/* Fills a directory from its parent; 0 where there is nothing to do. */
static int cpuset_fill(const char *path)
{
	auto_fd int directory = -1, parent = -1;
	int r;

	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	if (faccessat(directory, "cpuset.mem_hardwall", F_OK, 0) < 0) /* only v1 has it */
		return 0;
	parent = openat(directory, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -errno;
	r = cpuset_inherit(parent, directory, "cpuset.cpus");
	return r < 0 ? r : cpuset_inherit(parent, directory, "cpuset.mems");
}

/* ---- directories ---- */

/* -ENOENT: a parent is missing; -ENODATA: a parent is an empty cpuset. *made is set when it is new.
 */
static int directory_make(const char *path, bool *made)
{
	if (mkdir(path, 0755) == 0)
		*made = true;
	else if (errno != EEXIST)
		return -errno;
	return cpuset_fill(path);
}

/* Makes (and fills) what is above path, from the top. */
static int parents_make(const char *path)
{
	char parent[PATH_MAX];
	int r = 0;

	if (strlen(path) >= sizeof(parent))
		return -ENAMETOOLONG;
	strcpy(parent, path);
	for (char *slash = strchr(parent + 1, '/'); slash && r == 0;
		slash = strchr(slash + 1, '/')) {
		bool made = false;

		*slash = '\0';
		r = directory_make(parent, &made);
		if (made)
			cgroup_mark(parent);
		*slash = '/';
	}
	return r;
}

/* ---- fitness of a directory that was there ---- */

static int fitness_check(const char *path, struct error *err)
{
	auto_fd int directory = cgroup_directory_open(path);
	const struct cgroup_freezer *freezer;
	struct arena arena = {0};
	struct cgroup_pids pids = {.arena = &arena};
	int r = directory < 0 ? directory : cgroup_pids_read(&pids, path);

	arena_free(&arena);
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot look into the cgroup %s: %s", path,
			strerror(-r));
	if (pids.count > 0)
		return error_set(err, ERROR_CGROUP, EBUSY,
			"the cgroup %s has %u processes in it; a container needs one for itself",
			path, pids.count);
	freezer = cgroup_freezer_of(directory);
	if (freezer && cgroup_freezer_ask(freezer, directory) > 0)
		return error_set(err, ERROR_CGROUP, EBUSY, "the cgroup %s is frozen", path);
	return 0;
}

int cgroup_make(const char *directory, bool *made, struct error *err)
{
	int r;

	*made = false;
	r = directory_make(directory, made);
	for (int i = 0; (r == -ENOENT || r == -ENODATA) && i < ATTEMPTS; i++) {
		r = parents_make(directory);
		if (r == 0)
			r = directory_make(directory, made);
	}
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot make the cgroup %s: %s", directory,
			strerror(-r));
	return *made ? 0 : fitness_check(directory, err);
}

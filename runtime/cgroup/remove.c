/*
 * Taking back what cgroup_make made. A cgroup can be removed when its last process is gone for
 * good, which may be a moment after it was killed; so EBUSY is waited out, with a bound.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/mark.h"
#include "runtime/cgroup/processes.h"
#include "runtime/cgroup/tree.h"
#include "state/life.h"

#define LONGEST_WAIT 50 /* milliseconds between two attempts */

static int directory_remove(const char *path)
{
	return rmdir(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Removes the directory; what the container made below it goes first. */
static int tree_remove(const char *path)
{
	struct arena arena = {0};
	struct cgroup_tree tree = {.arena = &arena};
	int r = directory_remove(path);

	if (r == -EBUSY || r == -ENOTEMPTY) {
		r = cgroup_tree_read(&tree, path);
		for (uint32_t i = tree.count; r == 0 && i > 0; i--)
			r = directory_remove(tree.paths[i - 1]);
		arena_free(&arena);
	}
	return r == -ENOENT ? 0 : r;
}

/* The directories above that we made on the way to this one, as long as nobody else uses them. */
static void parents_remove(const struct spec_cgroup_directory *directory, struct arena *arena)
{
	uint64_t count = directory->parents.value;
	char *parent =
		count > 0 ? arena_copy(arena, directory->path, strlen(directory->path)) : NULL;
	char *slash;

	for (; parent && count > 0 && (slash = strrchr(parent, '/')); count--) {
		*slash = '\0';
		if (!cgroup_is_marked(parent) || rmdir(parent) < 0)
			return;
	}
}

/* One that was only intended, when its creator was killed, is ours if nobody is in it. */
static int directory_try(const struct spec_cgroup_directory *directory)
{
	return directory->made.given ? tree_remove(directory->path)
				     : directory_remove(directory->path);
}

/* True when somebody in it was killed and has not ended yet. */
static bool directory_is_dying(const char *path)
{
	struct arena arena = {0};
	struct cgroup_pids pids = {.arena = &arena};
	bool dying = false;

	if (cgroup_pids_read(&pids, path) == 0)
		for (uint32_t i = 0; i < pids.count && !dying; i++)
			dying = process_is_dying(pids.items[i]);
	arena_free(&arena);
	return dying;
}

/* Removes with patience: *left are the milliseconds that all directories together still have. */
static int directory_dispose(const struct spec_cgroup_directory *directory, int *left)
{
	int r = directory_try(directory);

	for (int wait = 1; r == -EBUSY && *left > 0; *left -= wait) {
		nanosleep(&(struct timespec){.tv_nsec = wait * 1000000L}, NULL);
		r = directory_try(directory);
		wait = wait < LONGEST_WAIT ? 2 * wait : LONGEST_WAIT;
	}
	return r;
}

int cgroup_remove(
	const struct spec_cgroup_directory_list *directories, int patience, struct error *err)
{
	struct arena arena = {0};
	bool patient = patience > 0;
	int r = 0;

	for (uint32_t i = 0; i < directories->count; i++) {
		const struct spec_cgroup_directory *directory = &directories->items[i];
		int failed;

		if (directory->made.given && !directory->made.value)
			continue;
		failed = directory_dispose(directory, &patience);
		/* who stays in it after all is somebody else, unless it is one that we killed */
		if (failed == -EBUSY && !directory->made.given && patient &&
			!directory_is_dying(directory->path))
			failed = 0;
		if (failed < 0)
			r = error_set(err, ERROR_CGROUP, -failed, "cannot remove the cgroup %s: %s",
				directory->path, strerror(-failed));
		else
			parents_remove(directory, &arena);
	}
	arena_free(&arena);
	return r;
}

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

#include "runtime/cgroup.h"
#include "runtime/cgroup_mark.h"
#include "runtime/cgroup_tree.h"

#define PATIENCE 5000   /* milliseconds, for all directories together */
#define LONGEST_WAIT 50 /* between two attempts */

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
static void parents_remove(const char *path, struct arena *arena)
{
	char *parent = arena_copy(arena, path, strlen(path));
	char *slash;

	while (parent && (slash = strrchr(parent, '/')) && slash != parent) {
		*slash = '\0';
		if (!cgroup_is_marked(parent) || rmdir(parent) < 0)
			return;
	}
}

/* Removes with patience: *waited counts the milliseconds that all directories have used. */
static int directory_dispose(const struct spec_cgroup_directory *directory, int *waited)
{
	int r = tree_remove(directory->path);

	for (int wait = 1; r == -EBUSY && *waited < PATIENCE; *waited += wait) {
		nanosleep(&(struct timespec){.tv_nsec = wait * 1000000L}, NULL);
		r = tree_remove(directory->path);
		wait = wait < LONGEST_WAIT ? 2 * wait : LONGEST_WAIT;
	}
	return r;
}

int cgroup_remove(const struct spec_cgroup_directory_list *directories, struct error *err)
{
	struct arena arena = {0};
	int waited = 0, r = 0;

	for (uint32_t i = 0; i < directories->count; i++) {
		const struct spec_cgroup_directory *directory = &directories->items[i];
		int failed = 0;

		if (directory->made.value)
			failed = directory_dispose(directory, &waited);
		else if (!directory->made.given) /* intended only: ours if it is empty */
			directory_remove(directory->path);
		else
			continue;
		if (failed < 0)
			r = error_set(err, ERROR_CGROUP, -failed, "cannot remove the cgroup %s: %s",
				directory->path, strerror(-failed));
		else
			parents_remove(directory->path, &arena);
	}
	arena_free(&arena);
	return r;
}

/*
 * A container may make cgroups of its own below the one it was given, as deep as it likes. So the
 * tree is walked with a list of paths, not by recursion: neither our stack nor our descriptors are
 * its to use up.
 */
#include "runtime/cgroup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int path_add(struct cgroup_tree *tree, const char *path)
{
	if (tree->count == tree->size) {
		uint32_t size = tree->size ? 2 * tree->size : 16;
		const char **paths = arena_alloc(tree->arena, size * sizeof(*paths));

		if (!paths)
			return -ENOMEM;
		if (tree->count > 0)
			memcpy(paths, tree->paths, tree->count * sizeof(*paths));
		tree->paths = paths;
		tree->size = size;
	}
	if (!path)
		return -ENOMEM;
	tree->paths[tree->count++] = path;
	return 0;
}

static int children_add(struct cgroup_tree *tree, const char *path, DIR *directory)
{
	const struct dirent *entry;
	int r = 0;

	while (r == 0 && (errno = 0, entry = readdir(directory))) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0)
			continue;
		r = path_add(tree, arena_format(tree->arena, "%s/%s", path, entry->d_name));
	}
	return r < 0 ? r : -errno; /* 0 at the end of the directory */
}

/* Adds what is directly below path. */
static int directory_read(struct cgroup_tree *tree, const char *path)
{
	struct stat status;
	DIR *directory;
	int r;

	/* Two links: its own "." and its name. Each cgroup below it adds one. */
	if (stat(path, &status) == 0 && status.st_nlink == 2)
		return 0;
	directory = opendir(path);
	if (!directory)
		return -errno;
	r = children_add(tree, path, directory);
	closedir(directory);
	return r;
}

int cgroup_tree_read(struct cgroup_tree *tree, const char *directory)
{
	int r;

	tree->count = 0;
	r = path_add(tree, directory);
	for (uint32_t i = 0; r == 0 && i < tree->count; i++) {
		r = directory_read(tree, tree->paths[i]);
		if (r == -ENOENT && i > 0)
			r = 0;
	}
	return r;
}

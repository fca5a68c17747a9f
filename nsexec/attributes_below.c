/*
 * Which mounts lie below another one is told by mountinfo: their numbers, their parents' and their
 * paths. A path is only where to look: a directory on the way may have been exchanged meanwhile
 * (CVE-2021-30465), so no link is followed, and what is found there counts only if it is on the
 * mount of that number.
 */
#include "nsexec/attributes_below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

struct tree {
	char *text; /* of mountinfo, which ends with a NUL */
	size_t size;
	uint64_t *ids; /* of the mounts that belong to the tree, its root's first */
	size_t count;
	int slash; /* O_PATH of / */
};

static void tree_cleanup(struct tree *tree)
{
	if (tree->text != NULL)
		munmap(tree->text, tree->size);
	if (tree->ids != NULL)
		munmap(tree->ids, tree->size);
	fd_cleanup(&tree->slash);
}

static void *pages_map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

/* Reads the whole file into pages that are large enough. 0 or -errno. */
static int text_read(int fd, struct tree *tree)
{
	for (tree->size = 1 << 16;; tree->size *= 2) {
		size_t length = 0;
		ssize_t got;

		tree->text = pages_map(tree->size);
		if (tree->text == NULL || lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
		while ((got = read(fd, tree->text + length, tree->size - 1 - length)) > 0)
			length += (size_t)got;
		if (got < 0)
			return -errno;
		if (length < tree->size - 1)
			return 0;
		munmap(tree->text, tree->size);
	}
}

/* Field n of a line, its length by *length. */
static const char *line_field(const char *line, unsigned int n, size_t *length)
{
	for (; n > 0; n--) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	*length = strcspn(line, " \n");
	return line;
}

static int64_t line_number(const char *line, unsigned int n)
{
	size_t length;
	const char *field = line_field(line, n, &length);

	return number_read(field, length, INT64_MAX - 1);
}

static const char *line_next(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static int tree_has(const struct tree *tree, int64_t id)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->ids[i] == (uint64_t)id)
			return 1;
	return 0;
}

/* The mount's path, where blanks and the like are written as a backslash and three octal digits. */
static int line_path(const char *line, char path[PATH_MAX])
{
	size_t length, used = 0;
	const char *field = line_field(line, 4, &length);

	for (size_t i = 0; i < length; i++) {
		if (used == PATH_MAX - 1)
			return -ENAMETOOLONG;
		path[used] = field[i];
		if (field[i] == '\\' && i + 3 < length) {
			path[used] = (char)((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 |
				(field[i + 3] - '0'));
			i += 3;
		}
		used++;
	}
	path[used] = '\0';
	return 0;
}

/* The mount of a line; -ENOSYS when something else is found at its path. */
static int mount_open(const struct tree *tree, const char *line)
{
	char path[PATH_MAX];
	uint64_t id;
	int error = line_path(line, path);
	auto_fd int mount = error < 0
		? error
		: resolve_open(tree->slash, path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);

	if (mount < 0)
		return mount;
	if (sys_mount_id(mount, &id) < 0)
		return -errno;
	return id == (uint64_t)line_number(line, 0) ? fd_take(&mount) : -ENOSYS;
}

static int tree_read(struct gate *gate, int fd, struct tree *tree)
{
	auto_fd int info = gate_proc_open(gate, "self/mountinfo", O_RDONLY);
	int error = info < 0 ? info : text_read(info, tree);

	if (error < 0)
		return error;
	tree->ids = pages_map(tree->size); /* a line is longer than a number */
	tree->slash = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->ids == NULL || tree->slash < 0 || sys_mount_id(fd, &tree->ids[0]) < 0)
		return -errno;
	tree->count = 1;
	return 0;
}

int attributes_below(struct gate *gate, int fd, uint64_t set, uint64_t clear,
	int (*change)(struct gate *gate, int mount, uint64_t set, uint64_t clear))
{
	__attribute__((cleanup(tree_cleanup))) struct tree tree = {.slash = -1};
	int error = tree_read(gate, fd, &tree);
	size_t before = 0;

	/* Children mostly come after their parents; until no more are found, to be sure. */
	while (error == 0 && before != tree.count) {
		before = tree.count;
		for (const char *line = tree.text; *line != '\0'; line = line_next(line)) {
			auto_fd int mount = -1;

			if (!tree_has(&tree, line_number(line, 1)) ||
				tree_has(&tree, line_number(line, 0)))
				continue;
			mount = mount_open(&tree, line);
			error = mount < 0 ? mount : change(gate, mount, set, clear);
			if (error < 0)
				break;
			tree.ids[tree.count++] = (uint64_t)line_number(line, 0);
		}
	}
	return error;
}

/*
 * Whoever made the image, or shares a volume with another container, decides what lies below the
 * root and may exchange a directory for a symbolic link at any moment (CVE-2021-30465,
 * CVE-2024-45310, CVE-2019-18837). So a name is looked up exactly once, by the kernel, with the
 * root as the boundary. Where something is missing, or the kernel is without openat2, a walk
 * goes one part at a time: each part is opened without following it, links are expanded as text
 * and resolved from the root again, ".." never asks the kernel for a parent, and files are made
 * only directly below a descriptor that is held.
 */
#include "nsexec/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define RETRIES 64 /* of openat2's EAGAIN: something was renamed somewhere; the walk follows */
#define LINKS 40   /* as the kernel's MAXSYMLINKS */

struct walk {
	int root;
	int directory; /* where we are; owned unless it is root */
	uint64_t constraints;
	mode_t make; /* type of the last part if it is missing, 0: nothing is made */
	int made;
	int links;           /* followed so far: what bounds the walk */
	int found;           /* the result, owned, -1 before */
	char done[PATH_MAX]; /* from the root to directory, no links, "" or "a/b" */
	char left[PATH_MAX]; /* what is still to be walked */
};

static void walk_leave(struct walk *walk)
{
	if (walk->directory != walk->root)
		close(walk->directory);
	walk->directory = walk->root;
}

static void walk_cleanup(struct walk *walk)
{
	walk_leave(walk);
	if (walk->found >= 0)
		close(walk->found);
}

/* Takes the first part off a path; an empty one at its end. Returns what follows the part. */
static const char *part_take(const char *path, char part[NAME_MAX + 1], int *error)
{
	size_t length;

	path += strspn(path, "/");
	length = strcspn(path, "/");
	*error = length > NAME_MAX ? -ENAMETOOLONG : 0;
	if (*error == 0) {
		memcpy(part, path, length);
		part[length] = '\0';
	}
	return path + length;
}

/* Enters a directory that has been opened as the part of this name. */
static int walk_enter(struct walk *walk, const char *part, int directory)
{
	size_t done = strlen(walk->done), length = strlen(part);

	walk_leave(walk);
	walk->directory = directory;
	if (done + length + 2 > sizeof(walk->done))
		return -ENAMETOOLONG;
	if (done > 0)
		walk->done[done++] = '/';
	memcpy(walk->done + done, part, length + 1);
	return 0;
}

/* "..": from the root again to one part less; it cannot pass the root, whatever was renamed. */
static int walk_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/'), part[NAME_MAX + 1];
	const char *rest = walk->done;
	int error = 0;

	*(slash != NULL ? slash : walk->done) = '\0';
	walk_leave(walk);
	while (error == 0) {
		int next;

		rest = part_take(rest, part, &error);
		if (error < 0 || part[0] == '\0')
			return error;
		next = openat(walk->directory, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		walk_leave(walk);
		walk->directory = next;
	}
	return error;
}

/* A symbolic link: its text takes the place of its name. */
static int walk_follow(struct walk *walk, int link)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target));
	size_t left = strlen(walk->left);

	if (length < 0)
		return -errno;
	if (length == 0)
		return -ENOENT;
	if ((size_t)length + 1 + left + 1 > sizeof(walk->left))
		return -ENAMETOOLONG;
	memmove(walk->left + length + 1, walk->left, left + 1);
	memcpy(walk->left, target, (size_t)length);
	walk->left[length] = '/';
	if (target[0] == '/') {
		walk_leave(walk);
		walk->done[0] = '\0';
	}
	return 0;
}

/* Opens one part without following it, and makes it if it is missing and wanted. */
static int walk_open(struct walk *walk, const char *part, int last, int flags)
{
	const int look = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	const int exclusive = O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int error, found = openat(walk->directory, part, look | flags);
	auto_fd int file = -1;

	if (found >= 0 || errno != ENOENT || walk->make == 0)
		return found < 0 ? -errno : found;
	walk->made = last;
	if (!last || walk->make == S_IFDIR)
		error = mkdirat(walk->directory, part, 0755) < 0 ? errno : 0;
	else /* CVE-2024-45310: O_EXCL neither follows a link nor opens what is there */
		error = (file = openat(walk->directory, part, exclusive, 0644)) < 0 ? errno : 0;
	if (error != 0 && error != EEXIST)
		return -error;
	/* What is there now counts, whoever has made it. */
	found = openat(walk->directory, part, look | flags);
	return found < 0 ? -errno : found;
}

/* The last part, no link and no directory: opened as the caller wants it. */
static int walk_finish(struct walk *walk, const char *part, int flags, int *found)
{
	if (flags & O_PATH)
		walk->found = fd_take(found);
	else
		walk->found = openat(walk->directory, part, flags | O_NOFOLLOW);
	return walk->found < 0 ? -errno : 0;
}

/* Goes on by one part, the last one if nothing is left after it. */
static int walk_part(struct walk *walk, const char *part, int last, int flags)
{
	struct stat st;
	auto_fd int next = walk_open(walk, part, last, O_DIRECTORY);

	if (next >= 0)
		return walk_enter(walk, part, fd_take(&next));
	if (next == -ENOTDIR)
		next = walk_open(walk, part, last, 0);
	if (next < 0)
		return next;
	if (fstat(next, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode)) {
		walk->made = 0;
		if (last && (flags & O_NOFOLLOW) && (flags & O_PATH))
			return walk_finish(walk, part, flags, &next);
		if ((walk->constraints & RESOLVE_NO_SYMLINKS) || (last && (flags & O_NOFOLLOW)) ||
			++walk->links > LINKS)
			return -ELOOP;
		return walk_follow(walk, next);
	}
	if (S_ISDIR(st.st_mode))
		return walk_enter(walk, part, fd_take(&next));
	if (!last || (flags & O_DIRECTORY))
		return -ENOTDIR;
	return walk_finish(walk, part, flags, &next);
}

/* The end of the path is the directory where the walk stands. */
static int walk_stop(struct walk *walk, int flags)
{
	if ((flags & O_PATH) && walk->directory != walk->root) {
		walk->found = walk->directory;
		walk->directory = walk->root;
	} else {
		walk->found = openat(walk->directory, ".", flags & ~O_NOFOLLOW);
	}
	return walk->found < 0 ? -errno : 0;
}

static int walk_run(struct walk *walk, int flags)
{
	char part[NAME_MAX + 1];

	while (walk->found < 0) {
		int error;
		const char *rest = part_take(walk->left, part, &error);

		if (error < 0)
			return error;
		memmove(walk->left, rest, strlen(rest) + 1);
		if (part[0] == '\0')
			error = walk_stop(walk, flags);
		else if (strcmp(part, "..") == 0)
			error = walk_up(walk);
		else if (strcmp(part, ".") != 0)
			error = walk_part(
				walk, part, walk->left[strspn(walk->left, "/")] == '\0', flags);
		if (error < 0)
			return error;
	}
	return fd_take(&walk->found);
}

static int resolve_walk(
	int root, const char *path, int flags, uint64_t constraints, mode_t make, int *made)
{
	__attribute__((cleanup(walk_cleanup))) struct walk walk;
	size_t length = strlen(path);
	int found;

	if (length == 0 || length >= sizeof(walk.left))
		return length == 0 ? -ENOENT : -ENAMETOOLONG;
	walk.root = walk.directory = root;
	walk.constraints = constraints;
	walk.make = make;
	walk.made = walk.links = 0;
	walk.found = -1;
	walk.done[0] = '\0';
	memcpy(walk.left, path, length + 1);
	found = walk_run(&walk, flags);
	if (made != NULL)
		*made = found >= 0 && walk.made;
	return found;
}

/* The kernel's answer, or -ENOSYS when the walk has to find it. */
static int resolve_kernel(int root, const char *path, int flags, uint64_t constraints)
{
	for (int i = 0; i < RETRIES; i++) {
		int found = sys_openat2(root, path, (uint64_t)flags, 0,
			RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | constraints);

		if (found >= 0 || errno != EAGAIN)
			return found < 0 ? -errno : found;
	}
	return -ENOSYS;
}

int resolve_open(int root, const char *path, int flags, uint64_t constraints)
{
	int found = resolve_kernel(root, path, flags | O_CLOEXEC, constraints);

	if (found != -ENOSYS)
		return found;
	return resolve_walk(root, path, flags | O_CLOEXEC, constraints, 0, NULL);
}

int resolve_make(int root, const char *path, mode_t type, uint64_t constraints, int *made)
{
	int found = resolve_kernel(root, path, O_PATH | O_CLOEXEC, constraints);

	if (made != NULL)
		*made = 0;
	if (found != -ENOSYS && found != -ENOENT)
		return found;
	return resolve_walk(root, path, O_PATH | O_CLOEXEC, constraints, type, made);
}

int resolve_directory(int root, const char *path, size_t length)
{
	char directory[PATH_MAX];

	if (length >= sizeof(directory))
		return -ENAMETOOLONG;
	memcpy(directory, path, length);
	directory[length] = '\0';
	return resolve_make(root, directory[0] == '\0' ? "/" : directory, S_IFDIR, 0, NULL);
}

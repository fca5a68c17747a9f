/*
 * Files of cgroupfs and procfs are made while they are read: a short read of a long one is no end
 * of file, and a write is one command. These functions keep to that.
 */
#include "runtime/cgroup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "spec/arena.h"

/* DIRECTORY/NAME in a buffer of PATH_MAX bytes; false when it is too long. */
static bool path_join(char *path, const char *directory, const char *name)
{
	if (strlen(directory) + 1 + strlen(name) >= PATH_MAX)
		return false;
	stpcpy(stpcpy(stpcpy(path, directory), "/"), name);
	return true;
}

int cgroup_file_open(const char *directory, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (!path_join(path, directory, name))
		return -ENAMETOOLONG;
	fd = openat(AT_FDCWD, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool cgroup_file_exists(const char *directory, const char *name)
{
	char path[PATH_MAX];

	return path_join(path, directory, name) && access(path, F_OK) == 0;
}

/* One read(2), repeated only when a signal came first. The length or -errno. */
static ssize_t read_once(int fd, char *buffer, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t cgroup_file_read(const char *directory, const char *name, char *buffer, size_t size)
{
	auto_fd int fd = cgroup_file_open(directory, name, O_RDONLY);
	ssize_t n = fd < 0 ? fd : read_once(fd, buffer, size - 1);

	if (n > 0 && buffer[n - 1] == '\n')
		n--;
	buffer[n > 0 ? n : 0] = '\0';
	return n;
}

char *cgroup_file_load(const char *path, struct arena *arena)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	size_t size = 8192, used = 0;
	char *text = fd < 0 ? NULL : arena_alloc(arena, size);

	if (fd < 0)
		return NULL;
	while (text) {
		ssize_t n = read_once(fd, text + used, size - 1 - used);
		char *larger;

		if (n < 0)
			errno = (int)-n;
		if (n <= 0)
			return n < 0 ? NULL : text;
		used += (size_t)n;
		if (used < size - 1)
			continue;
		size *= 2;
		larger = arena_alloc(arena, size);
		text = larger ? memcpy(larger, text, used) : NULL;
	}
	errno = ENOMEM;
	return NULL;
}

int cgroup_file_write(const char *directory, const char *name, const char *text)
{
	auto_fd int fd = cgroup_file_open(directory, name, O_WRONLY);

	if (fd < 0)
		return fd;
	while (write(fd, text, strlen(text)) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

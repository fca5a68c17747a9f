/*
 * Files of cgroupfs and procfs are made while they are read: a short read is no end of file, a
 * write is one command. These functions keep to that.
 */
#include "runtime/cgroup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "spec/arena.h"

/* Fills buffer until it is full or the file ends. The length or -errno. */
static ssize_t read_full(int fd, char *buffer, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, buffer + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

ssize_t cgroup_file_read(int dirfd, const char *name, char *buffer, size_t size)
{
	auto_fd int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buffer[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read_full(fd, buffer, size - 1);
	if (n < 0)
		return n;
	if (n > 0 && buffer[n - 1] == '\n')
		n--;
	buffer[n] = '\0';
	return n;
}

char *cgroup_file_load(int dirfd, const char *name, struct arena *arena)
{
	auto_fd int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	size_t size = 8192, used = 0;
	char *text;

	if (fd < 0)
		return NULL;
	for (text = arena_alloc(arena, size); text; size *= 2) {
		ssize_t n = read_full(fd, text + used, size - 1 - used);
		char *larger;

		if (n < 0) {
			errno = (int)-n;
			return NULL;
		}
		used += (size_t)n;
		text[used] = '\0';
		if (used < size - 1)
			return text;
		larger = arena_alloc(arena, size * 2);
		if (!larger)
			break;
		text = memcpy(larger, text, used);
	}
	errno = ENOMEM;
	return NULL;
}

int cgroup_file_write(int dirfd, const char *name, const char *text)
{
	auto_fd int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (write(fd, text, strlen(text)) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int cgroup_directory_open(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

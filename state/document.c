/*
 * Killed at any instant, we leave at most a temporary file that nobody reads and that goes with the
 * directory. Nothing waits for the disk: the rename is what a killed process needs, and after a
 * power failure everything that a record names is gone as well. What is read back may have been
 * replaced by anybody with anything: a FIFO that nobody writes must not hang us, a device must not
 * be opened for real, a file of gigabytes must not be loaded.
 */
#include "state/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define DRAFT_SIZE 64 /* bytes of a draft's name */

#define READING (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int bytes_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

static int file_make(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

/*
 * Gives the name to a finished file. Where it was another's they change their names: to take over a
 * name makes ext4 write the file to the disk at once, and here nothing is for ever. taken: it most
 * likely is another's.
 */
static int file_name(int dir, const char *temporary, const char *name, bool taken)
{
	if (taken && sys_rename_exchange(dir, temporary, name) == 0)
		unlinkat(dir, temporary, 0);
	else if (renameat(dir, temporary, dir, name) < 0)
		return -errno;
	return 0;
}

/* Puts the bytes into a new file that is then called name. Returns 0 or -errno; nothing stays after
 * a failure. */
static int file_replace(int dir, const char *name, const char *bytes, size_t length, bool taken)
{
	char temporary[128];
	auto_fd int fd = -EEXIST;
	int result;

	/* somebody else may be at it, or have been killed over it */
	for (unsigned int i = 0; fd == -EEXIST; i++) {
		snprintf(temporary, sizeof(temporary), ".%s.%u", name, i);
		fd = file_make(dir, temporary);
	}
	if (fd < 0)
		return fd;
	result = bytes_write(fd, bytes, length);
	if (result == 0)
		result = file_name(dir, temporary, name, taken);
	if (result < 0)
		unlinkat(dir, temporary, 0);
	return result;
}

static int write_result(
	const struct container *container, const char *name, int result, struct error *err)
{
	if (result < 0)
		error_set(err, ERROR_STATE, -result, "cannot write %s of container %s: %s", name,
			container->id, strerror(-result));
	return result;
}

int document_write(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err)
{
	return write_result(
		container, name, file_replace(container->dir, name, bytes, length, true), err);
}

int document_begin(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err)
{
	return write_result(
		container, name, file_replace(container->dir, name, bytes, length, false), err);
}

static void draft_name(char draft[DRAFT_SIZE], const char *name)
{
	snprintf(draft, DRAFT_SIZE, ".%s.draft", name);
}

int document_draft(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err)
{
	char draft[DRAFT_SIZE];
	auto_fd int fd = -1;

	draft_name(draft, name);
	fd = file_make(container->dir, draft);
	/* of somebody who was killed before it was published */
	if (fd == -EEXIST && unlinkat(container->dir, draft, 0) == 0)
		fd = file_make(container->dir, draft);
	return write_result(container, name, fd < 0 ? fd : bytes_write(fd, bytes, length), err);
}

int document_publish(const struct container *container, const char *name, struct error *err)
{
	char draft[DRAFT_SIZE];

	draft_name(draft, name);
	return write_result(container, name, file_name(container->dir, draft, name, true), err);
}

int document_make(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err)
{
	auto_fd int fd = file_make(container->dir, name);
	int result = fd < 0 ? fd : bytes_write(fd, bytes, length);

	if (fd >= 0 && result < 0)
		unlinkat(container->dir, name, 0);
	return write_result(container, name, result, err);
}

/* Reads at most length bytes, fewer at the end of the file. Returns how many, or -errno. */
static ssize_t bytes_read(int fd, char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t got = read(fd, bytes + done, length - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int document_read(const struct container *container, const char *name, size_t limit,
	struct arena *arena, const char **bytes, size_t *length, struct error *err)
{
	auto_fd int fd = openat(container->dir, name, READING | O_NOFOLLOW);
	struct stat file;
	ssize_t got;
	char *text;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 && errno != ELOOP && errno != ENXIO)
		return error_set(err, ERROR_STATE, errno, "cannot open %s of container %s: %m",
			name, container->id);
	if (fd < 0 || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode))
		return error_set(err, ERROR_STATE, EBADMSG,
			"%s of container %s is not a regular file", name, container->id);
	if ((size_t)file.st_size > limit)
		return error_set(err, ERROR_STATE, EBADMSG, "%s of container %s is too large", name,
			container->id);
	text = arena_alloc(arena, (size_t)file.st_size + 1);
	if (text == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "no memory for %s of container %s",
			name, container->id);
	got = bytes_read(fd, text, (size_t)file.st_size);
	if (got < 0)
		return error_set(err, ERROR_STATE, (int)-got, "cannot read %s of container %s: %s",
			name, container->id, strerror((int)-got));
	*bytes = text;
	*length = (size_t)got;
	return 0;
}

bool document_glance(
	int root_fd, const char *id, const char *name, char *bytes, size_t size, size_t *length)
{
	char path[CONTAINER_ID_MAX + 64];
	auto_fd int fd = -1;
	struct stat file;
	ssize_t got;

	if (strlen(id) + 1 + strlen(name) >= sizeof(path))
		return false;
	stpcpy(stpcpy(stpcpy(path, id), "/"), name);
	fd = sys_openat2(root_fd, path, READING, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode) || (size_t)file.st_size > size)
		return false;
	got = read(fd, bytes, size);
	*length = (size_t)got;
	return got >= 0 && got == file.st_size;
}

/*
 * The writer must never harm the container, and a full disk must never harm the index: an entry
 * that the disk took only in part is overwritten by the next one instead of shifting everything
 * after it. The reader asks the kernel to be woken (inotify) and knows from the writer's pidfd when
 * nothing more can come: no polling, no waiting for ever.
 */
#include "state/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "state/watch.h"

#define WAIT_WITHOUT_INOTIFY 250 /* ms, when the user has no inotify instance left */

static int file_open(const struct container *container, const char *name, int flags, uint64_t *size)
{
	auto_fd int fd = openat(container->dir, name,
		O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	struct stat file;

	if (fd < 0 || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode))
		return -1;
	*size = (uint64_t)file.st_size;
	return fd_take(&fd);
}

void log_open(const struct container *container, struct log_writer *writer)
{
	uint64_t index_size = 0;

	*writer = (struct log_writer){0};
	writer->log = file_open(container, LOG_FILE, O_APPEND, &writer->offset);
	writer->index = file_open(container, LOG_INDEX_FILE, 0, &index_size);
	writer->entries = index_size / sizeof(struct log_entry);
}

/* Appends as much as the disk takes. Returns how much that was. */
static size_t bytes_append(int fd, const char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t written = write(fd, bytes + done, length - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			break;
		done += (size_t)written;
	}
	return done;
}

void log_append(struct log_writer *writer, enum log_stream stream, const char *bytes, size_t length)
{
	size_t taken = bytes_append(writer->log, bytes, length);
	struct log_entry entry = {
		.offset = writer->offset, .length = (uint32_t)taken, .stream = stream};
	struct timespec now;

	writer->lost += length - taken;
	if (taken == 0)
		return;
	writer->offset += taken;
	clock_gettime(CLOCK_REALTIME, &now);
	entry.time = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (pwrite(writer->index, &entry, sizeof(entry),
		    (off_t)(writer->entries * sizeof(entry))) == sizeof(entry))
		writer->entries++;
}

/* ---- reading ---- */

/* The reader's end of a log, across the time when the file does not exist yet. */
struct log_reader {
	const struct container *container;
	int log; /* -1 as long as it does not exist */
	off_t offset;
	int out;
};

static int bytes_print(int out, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(out, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

static int reader_open(struct log_reader *reader)
{
	auto_fd int fd = openat(reader->container->dir, LOG_FILE,
		O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	struct stat file;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode))
		return -EBADMSG;
	reader->log = fd_take(&fd);
	return 0;
}

/* Prints everything that is there now. */
static int reader_print(struct log_reader *reader)
{
	static char buffer[65536];
	struct stat file;
	ssize_t got;

	if (reader->log < 0) {
		int result = reader_open(reader);

		if (result < 0 || reader->log < 0)
			return result;
	}
	if (fstat(reader->log, &file) == 0 && file.st_size < reader->offset)
		reader->offset = 0;
	while ((got = pread(reader->log, buffer, sizeof(buffer), reader->offset)) > 0) {
		int result = bytes_print(reader->out, buffer, (size_t)got);

		if (result < 0)
			return result;
		reader->offset += got;
	}
	return got < 0 ? -errno : 0;
}

/* Waits for a change, the writer's end or the reader's end; false when the latter has come. */
static bool change_wait(int watch, int writer, int out, bool *ended)
{
	struct pollfd polled[] = {
		{.fd = watch, .events = POLLIN}, {.fd = writer, .events = POLLIN}, {.fd = out}};

	if (poll(polled, array_size(polled), watch < 0 ? WAIT_WITHOUT_INOTIFY : -1) < 0)
		return errno == EINTR;
	directory_watch_drain(watch);
	*ended = polled[1].revents != 0;
	return (polled[2].revents & (POLLERR | POLLHUP)) == 0;
}

int log_copy(const struct container *container, int out, bool follow, int writer, struct error *err)
{
	struct log_reader reader = {.container = container, .log = -1, .out = out};
	auto_fd int watch = follow && writer >= 0 ? directory_watch(container->dir) : -1;
	bool ended = !follow || writer < 0;
	int result = reader_print(&reader);

	/* What was written before the end was seen is there when it is looked for after that. */
	while (result == 0 && !ended) {
		if (!change_wait(watch, writer, out, &ended))
			break;
		result = reader_print(&reader);
	}
	fd_cleanup(&reader.log);
	if (result < 0)
		error_set(err, ERROR_STATE, -result, "cannot print the log of container %s: %s",
			container->id, strerror(-result));
	return result;
}

/*
 * The writer must never harm the container, and a full disk must never harm the index: an entry
 * that the disk took only in part is overwritten by the next one instead of shifting everything
 * after it. Rotation renames from the oldest to the newest, so that at every moment each byte is in
 * exactly one place, and a reader who looks in between can see that (log_segments.c).
 */
#include "state/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

static int file_open(int dir, const char *name, int flags, uint64_t *size)
{
	auto_fd int fd = openat(
		dir, name, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	struct stat file;

	if (fd < 0 || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode))
		return -1;
	*size = (uint64_t)file.st_size;
	return fd_take(&fd);
}

/* The index first: a log that can be found has one. */
static void files_open(struct log_writer *writer)
{
	uint64_t index_size = 0;

	if (writer->index < 0) {
		writer->index = file_open(writer->dir, LOG_INDEX_FILE, 0, &index_size);
		writer->entries = index_size / sizeof(struct log_entry);
	}
	if (writer->log < 0) {
		writer->offset = 0;
		writer->log = file_open(writer->dir, LOG_FILE, O_APPEND, &writer->offset);
	}
}

void log_open(const struct container *container, struct log_writer *writer)
{
	*writer = (struct log_writer){.dir = container->dir, .log = -1, .index = -1, .files = 1};
	files_open(writer);
}

/* container.log.2, container.log.2.idx; number 0 is the one that is being written. */
static void file_shift(int dir, const char *suffix, uint32_t number)
{
	char from[64] = LOG_FILE, to[64];

	if (number > 0)
		snprintf(from, sizeof(from), LOG_FILE ".%u", number);
	strcat(from, suffix);
	snprintf(to, sizeof(to), LOG_FILE ".%u%s", number + 1, suffix);
	renameat(dir, from, dir, to);
}

static void log_rotate(struct log_writer *writer)
{
	for (uint32_t number = writer->files - 1; number-- > 0;) {
		file_shift(writer->dir, "", number);
		file_shift(writer->dir, LOG_INDEX_SUFFIX, number);
	}
	if (writer->files == 1) {
		unlinkat(writer->dir, LOG_FILE, 0);
		unlinkat(writer->dir, LOG_INDEX_FILE, 0);
	}
	fd_cleanup(&writer->log);
	fd_cleanup(&writer->index);
	writer->log = writer->index = -1;
	files_open(writer);
}

/* Somebody may have emptied the file to make room: then its index begins anew, too. */
static void truncation_see(struct log_writer *writer)
{
	struct stat file;

	if (fstat(writer->log, &file) < 0 || (uint64_t)file.st_size >= writer->offset)
		return;
	writer->offset = (uint64_t)file.st_size;
	writer->entries = 0;
	if (ftruncate(writer->index, 0) == 0)
		return;
	fd_cleanup(&writer->index);
	writer->index = -1;
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

/* How much of a piece goes into the present log, which is rotated when it is full. Lines stay whole
 * where they can. */
static size_t piece_fit(struct log_writer *writer, const char *bytes, size_t length)
{
	uint64_t room = writer->offset < writer->size ? writer->size - writer->offset : 0;
	const char *newline;

	if (writer->size == 0 || length <= room)
		return length;
	newline = memrchr(bytes, '\n', (size_t)room);
	if (newline != NULL)
		return (size_t)(newline + 1 - bytes);
	if (writer->offset > 0)
		log_rotate(writer);
	return length < writer->size ? length : (size_t)writer->size;
}

/* One piece into one log. Returns what the disk took. */
static size_t piece_append(
	struct log_writer *writer, enum log_stream stream, const char *bytes, size_t length)
{
	struct log_entry entry = {.offset = writer->offset, .stream = stream};
	struct timespec now;

	entry.length = (uint32_t)bytes_append(writer->log, bytes, length);
	if (entry.length == 0)
		return 0;
	writer->offset += entry.length;
	clock_gettime(CLOCK_REALTIME, &now);
	entry.time = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (pwrite(writer->index, &entry, sizeof(entry),
		    (off_t)(writer->entries * sizeof(entry))) == sizeof(entry))
		writer->entries++;
	return entry.length;
}

size_t log_append(
	struct log_writer *writer, enum log_stream stream, const char *bytes, size_t length)
{
	size_t done = 0;

	if (writer->log < 0 || writer->index < 0)
		files_open(writer);
	truncation_see(writer);
	while (done < length) {
		size_t part = piece_fit(writer, bytes + done, length - done);
		size_t taken = piece_append(writer, stream, bytes + done, part);

		done += taken;
		if (taken < part)
			break;
	}
	return done;
}

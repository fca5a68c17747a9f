/*
 * A reader must not make the writer wait, so there is no lock between them. While the writer
 * renames, one number is missing among the logs; and when it has finished, container.log is another
 * file. Whoever sees neither has seen one moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "state/log.h"

#define LOOKS_MAX 1000 /* a rotation takes microseconds; a writer killed in one has left a gap */

static int part_open(const struct container *container, uint32_t number, const char *suffix)
{
	char name[64];

	if (number == 0)
		snprintf(name, sizeof(name), LOG_FILE "%s", suffix);
	else
		snprintf(name, sizeof(name), LOG_FILE ".%u%s", number, suffix);
	return openat(
		container->dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
}

/* False when there is none with this number; *error tells what is no log. */
static bool segment_open(
	const struct container *container, uint32_t number, struct log_segment *segment, int *error)
{
	auto_fd int fd = part_open(container, number, "");
	struct stat file;

	if (fd < 0) {
		*error = errno == ENOENT ? 0 : -errno;
		return false;
	}
	if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode)) {
		*error = -EBADMSG;
		return false;
	}
	*segment = (struct log_segment){
		.log = fd_take(&fd),
		.index = part_open(container, number, LOG_INDEX_SUFFIX),
		.inode = file.st_ino,
	};
	return true;
}

/* One look. True when nothing was being renamed. */
static bool segments_look(
	const struct container *container, struct log_segments *segments, int *error)
{
	bool whole = true;
	uint32_t missing = 0;
	struct stat newest;

	*segments = (struct log_segments){0};
	*error = 0;
	for (uint32_t number = 0; number <= LOG_FILES_MAX && missing < 2 && *error == 0; number++) {
		if (segments->count < LOG_FILES_MAX &&
			segment_open(container, number, &segments->items[segments->count], error)) {
			whole = whole && missing == 0;
			missing = 0;
			segments->count++;
		} else
			missing++;
	}
	if (segments->count == 0 || !whole)
		return whole;
	return fstatat(container->dir, LOG_FILE, &newest, AT_SYMLINK_NOFOLLOW) == 0 &&
		newest.st_ino == segments->items[0].inode;
}

int log_segments_open(const struct container *container, struct log_segments *segments)
{
	int error;

	for (int look = 0; !segments_look(container, segments, &error) && look < LOOKS_MAX;
		look++) {
		log_segments_close(segments);
		sched_yield();
	}
	return error;
}

void log_segments_close(struct log_segments *segments)
{
	for (uint32_t i = 0; i < segments->count; i++) {
		fd_cleanup(&segments->items[i].log);
		fd_cleanup(&segments->items[i].index);
	}
	segments->count = 0;
}

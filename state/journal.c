/*
 * Engines keep a journal of their own, and a file that grows for ever by itself is a fault: so the
 * first `events` makes it, and from then on every verb writes. The container's directory leads to
 * it, also for the monitor, which has nothing else.
 */
#include "state/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "state/timestamp.h"

#define WRITE_FLAGS (O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
#define ABOVE "../"
#define SCHEMA "mydocker.event/1"

/* Of several who find it full, one renames: to the others it is another file by then. */
static void journal_rotate(const struct container *container, int fd)
{
	struct stat full, now;
	auto_fd int fresh = -1;

	if (fstat(fd, &full) < 0 || full.st_size < JOURNAL_SIZE ||
		fstatat(container->dir, ABOVE JOURNAL_FILE, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
		now.st_ino != full.st_ino)
		return;
	renameat(container->dir, ABOVE JOURNAL_FILE, container->dir, ABOVE JOURNAL_OLD_FILE);
	fresh = openat(container->dir, ABOVE JOURNAL_FILE, WRITE_FLAGS | O_CREAT, 0600);
}

void journal_add(const struct container *container, const char *type, struct spec_event event)
{
	auto_fd int fd = openat(container->dir, ABOVE JOURNAL_FILE, WRITE_FLAGS);
	char time[TIMESTAMP_SIZE];
	struct arena arena = {0};
	struct error err = {0};
	struct timespec now;
	const char *text;

	if (fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	timestamp_rfc3339(&now, time);
	event.time = time;
	event.type = type;
	event.id = container->id;
	event.schema = SCHEMA;
	text = table_encode(&spec_event_table, &event, 0, &arena, NULL, &err);
	if (text)
		text = arena_format(&arena, "%s\n", text);
	if (text && write(fd, text, strlen(text)) > 0)
		journal_rotate(container, fd);
	arena_free(&arena);
}

int journal_open(int root)
{
	int fd = openat(
		root, JOURNAL_FILE, O_RDONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

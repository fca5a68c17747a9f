/*
 * The kernel tells who waits that a file has come or grown: there is no polling in `logs --follow`,
 * `wait` or `events`. A watch says only that it is worth looking again, so nothing that it says is
 * read.
 */
#include "state/watch.h"

#include <stdio.h>
#include <sys/inotify.h>

#include "nsexec/cleanup.h"

#define CHANGES (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE)

int directory_watch(int directory)
{
	auto_fd int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	if (fd < 0 || inotify_add_watch(fd, path, CHANGES) < 0)
		return -1;
	return fd_take(&fd);
}

void directory_watch_drain(int watch)
{
	char events[4096];

	while (watch >= 0 && read(watch, events, sizeof(events)) > 0)
		;
}

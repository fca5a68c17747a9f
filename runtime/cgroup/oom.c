/*
 * v1 has an eventfd that is told of every shortage, v2 a file of counters that wakes who polls it.
 * The first is armed by a line of two descriptors, the second is its own descriptor.
 */
#include "runtime/cgroup/oom.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/file.h"

static uint64_t kills_read(int events)
{
	char text[512];
	ssize_t length = pread(events, text, sizeof(text) - 1, 0);
	const char *line;

	text[length > 0 ? length : 0] = '\0';
	line = strstr(text, "oom_kill ");
	return line ? strtoull(line + strlen("oom_kill "), NULL, 10) : 0;
}

/* v1; -ENOENT when this directory does not have it. */
static int watch_eventfd(struct oom_watch *watch, const char *directory)
{
	auto_fd int control = cgroup_file_open(directory, "memory.oom_control", O_RDONLY);
	auto_fd int event = control < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char line[32];
	int r;

	if (control < 0 || event < 0)
		return control < 0 ? control : -errno;
	snprintf(line, sizeof(line), "%d %d", event, control);
	r = cgroup_file_write(directory, "cgroup.event_control", line);
	if (r == 0)
		*watch =
			(struct oom_watch){.fd = fd_take(&event), .events = POLLIN, .counts = true};
	return r;
}

/* v2; the same. */
static int watch_counters(struct oom_watch *watch, const char *directory)
{
	int events = cgroup_file_open(directory, "memory.events", O_RDONLY);

	if (events >= 0)
		*watch = (struct oom_watch){
			.fd = events, .events = POLLPRI, .known = kills_read(events)};
	return events < 0 ? events : 0;
}

int oom_watch_begin(struct oom_watch *watch, const struct spec_cgroup_directory_list *directories,
	struct error *err)
{
	*watch = (struct oom_watch){.fd = -1};
	for (uint32_t i = 0; i < directories->count; i++) {
		const char *directory = directories->items[i].path;
		int r = watch_eventfd(watch, directory);

		if (r == -ENOENT)
			r = watch_counters(watch, directory);
		if (r < 0 && r != -ENOENT)
			return error_set(err, ERROR_CGROUP, -r, "cannot watch the memory of %s: %s",
				directory, strerror(-r));
		if (r == 0)
			break;
	}
	return 0;
}

uint64_t oom_watch_count(struct oom_watch *watch)
{
	uint64_t count = 0, kills;

	if (watch->fd < 0)
		return 0;
	if (watch->counts)
		return read(watch->fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
	kills = kills_read(watch->fd);
	if (kills > watch->known) {
		count = kills - watch->known;
		watch->known = kills;
	}
	return count;
}

void oom_watch_end(struct oom_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

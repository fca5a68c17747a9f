/*
 * events: what the kernel counts, once or again and again, and a line for each time that it ran out
 * of memory. It only looks: no lock is taken, and the container's end, seen through a pidfd, is its
 * end.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/oom.h"
#include "runtime/existing.h"
#include "runtime/journal_follow.h"
#include "runtime/number.h"
#include "runtime/stats.h"
#include "runtime/verb/verbs.h"
#include "state/ending.h"
#include "state/life.h"

#define INTERVAL 5000 /* milliseconds */

static int line_print(const char *text, size_t length, struct error *err)
{
	struct pollfd reader = {.fd = STDOUT_FILENO};

	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno != EINTR)
			return error_set(
				err, ERROR_SYSTEM, errno, "cannot print: %s", strerror(errno));
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	/* A reader of a pipe that is gone is an end as well. */
	return poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) ? 1 : 0;
}

/* One line {type, id, data}; "data" only with statistics. Returns 1 when nobody reads any more. */
static int event_print(
	const struct spec_record *record, const char *type, bool stats, struct error *err)
{
	struct arena arena = {0};
	struct json_writer writer;
	const char *text;
	size_t length;
	int result;

	json_begin(&writer, &arena, 0);
	json_object(&writer);
	json_member_string(&writer, "type", type);
	json_member_string(&writer, "id", record->id);
	if (stats) {
		json_key(&writer, "data");
		stats_write(&writer, &record->cgroups, &arena);
	}
	json_object_end(&writer);
	text = json_finish(&writer, &length, err);
	if (text)
		text = arena_format(&arena, "%s\n", text);
	result = text ? line_print(text, length + 1, err) : -ENOMEM;
	arena_free(&arena);
	return result;
}

/* Until the container ends. Who is short of memory wakes us often: statistics keep their time. */
static int events_follow(
	const struct spec_record *record, int init, int64_t interval, struct error *err)
{
	int64_t next = moment_now() + interval;
	struct oom_watch watch;
	int result = oom_watch_begin(&watch, &record->cgroups, err);

	while (result == 0) {
		struct pollfd ready[] = {
			{.fd = init, .events = POLLIN},
			{.fd = watch.fd, .events = watch.events},
		};
		int64_t left = next - moment_now();
		int count = poll(ready, array_size(ready), left > 0 ? (int)left : 0);

		if (count < 0 && errno != EINTR)
			result = error_set(
				err, ERROR_SYSTEM, errno, "cannot wait: %s", strerror(errno));
		for (uint64_t n = count > 0 ? oom_watch_count(&watch) : 0; n > 0 && result == 0;
			n--)
			result = event_print(record, "oom", false, err);
		if (count > 0 && ready[0].revents)
			break;
		if (result == 0 && moment_now() >= next) {
			next = moment_now() + interval;
			result = event_print(record, "stats", true, err);
		}
	}
	oom_watch_end(&watch);
	return result > 0 ? 0 : result;
}

static int events_print(
	const struct spec_record *record, const struct command *command, struct error *err)
{
	auto_fd int init = process_open((pid_t)record->init.value, record->init_start.value);
	int64_t interval = INTERVAL;
	int result = duration_option(command, OPTION_interval, &interval, err);

	if (result < 0)
		return result;
	if (init < 0)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	if (interval <= 0 || interval > INT32_MAX)
		return error_set(err, ERROR_USAGE, EINVAL,
			"an interval is from 1 ms to 24 days, not %s",
			command->value[OPTION_interval]);
	if (command->given[OPTION_stats]) {
		result = event_print(record, "stats", true, err);
		return result > 0 ? 0 : result;
	}
	return events_follow(record, init, interval, err);
}

int verb_events(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result;

	if (command->argc == 0)
		return journal_follow(command, err);
	result = existing_enter(&existing, command->value[OPTION_root], command->argv[0], 0, err);
	if (result == 0)
		result = events_print(&existing.record, command, err);
	existing_free(&existing);
	return result;
}

/*
 * The lines are printed as they are: they were JSON when they were written. A line's time is at its
 * beginning and of one width, so that "since" is a comparison of texts.
 */
#include "runtime/journal_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/moment.h"
#include "state/journal.h"
#include "state/timestamp.h"
#include "state/watch.h"

#define TIME_AT strlen("{\"time\":\"")
#define TIME_WIDTH strlen("2026-01-02T15:04:05.123456789Z")

struct follower {
	int root;
	FILE *journal;
	char since[TIMESTAMP_SIZE];
};

static int journal_enter(struct follower *follower, struct error *err)
{
	int fd = journal_open(follower->root);

	follower->journal = fd < 0 ? NULL : fdopen(fd, "re");
	return follower->journal
		? 0
		: error_set(err, ERROR_STATE, fd < 0 ? -fd : errno,
			  "cannot open the journal of events: %s", strerror(fd < 0 ? -fd : errno));
}

/* Prints the whole lines that are there now. */
static void lines_print(struct follower *follower)
{
	char line[4096];
	long begin = ftell(follower->journal);

	clearerr(follower->journal);
	while (fgets(line, sizeof(line), follower->journal)) {
		size_t length = strlen(line);

		if (line[length - 1] != '\n')
			break;
		if (length > TIME_AT + TIME_WIDTH &&
			strncmp(line + TIME_AT, follower->since, TIME_WIDTH) >= 0)
			fputs(line, stdout);
		begin += (long)length;
	}
	fseek(follower->journal, begin, SEEK_SET); /* half a line is read again */
}

/* True when the journal was renamed, and another one is being written. */
static bool journal_is_old(const struct follower *follower)
{
	struct stat ours, now;

	return fstat(fileno(follower->journal), &ours) == 0 &&
		fstatat(follower->root, JOURNAL_FILE, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
		ours.st_ino != now.st_ino;
}

/* What came before the present journal, if it may matter. */
static void old_print(struct follower *follower)
{
	int fd = openat(
		follower->root, JOURNAL_OLD_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	FILE *present = follower->journal;

	follower->journal = fd < 0 ? NULL : fdopen(fd, "re");
	if (follower->journal) {
		lines_print(follower);
		fclose(follower->journal);
	}
	follower->journal = present;
}

static int lines_follow(struct follower *follower, struct error *err)
{
	auto_fd int watch = directory_watch(follower->root);
	int result = watch < 0
		? error_set(err, ERROR_SYSTEM, EMFILE, "cannot watch the journal of events")
		: 0;

	while (result == 0) {
		struct pollfd polled[] = {{.fd = watch, .events = POLLIN}, {.fd = STDOUT_FILENO}};
		bool old = journal_is_old(follower);

		lines_print(follower);
		if (fflush(stdout) != 0)
			break;
		if (old) {
			fclose(follower->journal);
			result = journal_enter(follower, err);
			continue;
		}
		poll(polled, array_size(polled), -1);
		if (polled[1].revents & (POLLERR | POLLHUP))
			break;
		directory_watch_drain(watch);
	}
	return result;
}

int journal_follow(const struct command *command, struct error *err)
{
	struct timespec since = {0};
	char root[PATH_MAX];
	uint64_t moment = 0;
	struct follower follower = {.root = -1};
	int result = store_root(command->value[OPTION_root], root, sizeof(root), err);

	clock_gettime(CLOCK_REALTIME, &since);
	if (result == 0)
		result = moment_option(command, OPTION_since, &moment, err);
	if (moment > 0)
		since = (struct timespec){
			(time_t)(moment / 1000000000), (long)(moment % 1000000000)};
	timestamp_rfc3339(&since, follower.since);
	if (result < 0)
		return result;
	mkdir(root, 0700); /* if it is there already, so much the better */
	follower.root = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (follower.root < 0)
		return error_set(
			err, ERROR_STATE, errno, "cannot open the state directory %s: %m", root);
	result = journal_enter(&follower, err);
	if (result == 0 && moment > 0)
		old_print(&follower);
	if (result == 0 && command->given[OPTION_no_stream])
		lines_print(&follower);
	else if (result == 0)
		result = lines_follow(&follower, err);
	return result;
}

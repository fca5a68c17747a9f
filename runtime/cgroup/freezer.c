/*
 * Stopping a whole cgroup at once. v1 has a controller of its own, which may stay at FREEZING for a
 * while (a process that cannot be interrupted, a fork at the wrong moment) and then needs to be
 * told again; v2 freezes every cgroup and says when it is done.
 */
#include "runtime/cgroup/freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/file.h"
#include "spec/arena.h"

#define FREEZE_PATIENCE 2000 /* milliseconds */
#define LOOKS 40             /* after an order, before it pays to sleep: less than 100 us */
/* Nanoseconds between two orders: to a freezer that notifies, and to one that has to be looked at,
 * at first often. */
#define NOTIFIED 100000000
#define LOOKING 20000
#define LOOKING_MAX 2000000

/* In the order of preference: on a hybrid host the tools look at v1. */
static const struct cgroup_freezer freezers[] = {
	{"freezer", "freezer.state", {"THAWED", "FROZEN"}, "freezer.state", {"THAWED", "FROZEN"},
		false},
	{"", "cgroup.freeze", {"0", "1"}, "cgroup.events", {"frozen 0", "frozen 1"}, true},
};

const struct cgroup_freezer *cgroup_freezer_of(const char *directory)
{
	for (size_t i = 0; i < array_size(freezers); i++)
		if (cgroup_file_exists(directory, freezers[i].order))
			return &freezers[i];
	return NULL;
}

/* 1: the report says so, 0: not (yet), or -errno. */
static int report_says(int report, const struct cgroup_freezer *freezer, bool frozen)
{
	char text[256];
	ssize_t length = pread(report, text, sizeof(text) - 1, 0);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return strstr(text, freezer->reported[frozen]) != NULL;
}

int cgroup_freezer_ask(const struct cgroup_freezer *freezer, const char *directory)
{
	auto_fd int report = cgroup_file_open(directory, freezer->report, O_RDONLY);
	int thawed = report < 0 ? report : report_says(report, freezer, false);

	return thawed < 0 ? thawed : !thawed;
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Looks again and again while those who were told just need their turn, on this CPU or another. */
static int report_await(int report, const struct cgroup_freezer *freezer, bool frozen)
{
	int says = report_says(report, freezer, frozen);

	for (int i = 0; i < LOOKS && says == 0; i++) {
		sched_yield();
		says = report_says(report, freezer, frozen);
	}
	return says;
}

/* Orders and waits. -ETIMEDOUT: it did not happen. */
static int freezer_set(const struct cgroup_freezer *freezer, int order, int report, bool frozen)
{
	struct pollfd change = {.fd = freezer->notifies ? report : -1, .events = POLLPRI};
	int64_t deadline = 0, now;
	struct timespec wait = {.tv_nsec = freezer->notifies ? NOTIFIED : LOOKING};
	const char *word = freezer->words[frozen];

	for (;; wait.tv_nsec *= wait.tv_nsec < LOOKING_MAX ? 2 : 1) {
		/* Again each time: FREEZING of v1 may be left only by another order. */
		int r = pwrite(order, word, strlen(word), 0) < 0
			? -errno
			: report_await(report, freezer, frozen);

		if (r != 0)
			return r < 0 ? r : 0;
		now = milliseconds_now();
		deadline = deadline ? deadline : now + FREEZE_PATIENCE;
		if (now > deadline)
			return -ETIMEDOUT;
		ppoll(&change, 1, &wait, NULL);
	}
}

/*
 * Opens the order file of the first directory that has this freezer: mostly the one that is called
 * like its controller. -ENOENT when none has.
 */
static int order_open(const struct cgroup_freezer *freezer,
	const struct spec_cgroup_directory_list *directories, const char **directory)
{
	int fd = -ENOENT;

	for (int named = 1; named >= 0; named--)
		for (uint32_t i = 0; i < directories->count && fd == -ENOENT; i++) {
			*directory = directories->items[i].path;
			if ((strstr(*directory, freezer->controller) != NULL) == named)
				fd = cgroup_file_open(*directory, freezer->order, O_RDWR);
		}
	return fd;
}

int cgroup_freeze(
	const struct spec_cgroup_directory_list *directories, bool frozen, struct error *err)
{
	const char *verb = frozen ? "freeze" : "thaw", *directory = NULL;
	const struct cgroup_freezer *freezer = freezers;
	auto_fd int order = order_open(freezer, directories, &directory);
	auto_fd int other = -1;
	int report, r;

	if (order == -ENOENT)
		order = order_open(++freezer, directories, &directory);
	if (order == -ENOENT)
		return error_set(err, ERROR_CGROUP, ENODEV,
			"cannot %s the container: it has no cgroup with a freezer", verb);
	report = order; /* on v1 it is the same file */
	if (order >= 0 && strcmp(freezer->report, freezer->order) != 0)
		report = other = cgroup_file_open(directory, freezer->report, O_RDONLY);
	r = report < 0 ? report : freezer_set(freezer, order, report, frozen);
	if (r < 0 && frozen) /* half frozen is worse than running */
		cgroup_file_write(directory, freezer->order, freezer->words[false]);
	if (r == -ETIMEDOUT)
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"cannot %s %s: it did not happen within %d ms", verb, directory,
			FREEZE_PATIENCE);
	if (r < 0)
		return error_set(
			err, ERROR_CGROUP, -r, "cannot %s %s: %s", verb, directory, strerror(-r));
	return 0;
}

const char *cgroup_freezer_file(
	const struct cgroup_host *host, const struct cgroup_place *place, struct arena *arena)
{
	for (size_t i = 0; i < array_size(freezers); i++)
		for (uint32_t j = 0; j < place->count; j++)
			if (place->directories[j] &&
				controllers_have(host->hierarchies[j].controllers, ',',
					freezers[i].controller, strlen(freezers[i].controller)))
				return arena_format(
					arena, "%s/%s", place->directories[j], freezers[i].report);
	return NULL;
}

/*
 * Only the parent of a process learns from wait() how it ended, and we are never the parent here.
 * But there are witnesses: the monitor, which writes exit.json; /proc, as long as the process is a
 * zombie; and the kernel itself for whoever holds a pidfd from before. They are asked in the order
 * of what they know. Where all of them are silent the answer is "unknown", never 0.
 */
#include "state/ending.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "state/life.h"
#include "state/watch.h"

#define ASK_AGAIN 250 /* ms, when the user has no inotify instance left */

/* <linux/pidfd.h> of Linux 6.15; older headers do not have it. */
#define INFO_EXIT (1ull << 3)
struct process_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_status; /* as wait() reports it */
};
#define GET_INFO _IOWR(0xff, 11, struct process_info)

int64_t moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What poll is to be given; 0 when the deadline has passed. */
static int time_left(int64_t deadline)
{
	int64_t left = deadline - moment_now();

	if (deadline < 0)
		return -1;
	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Who has given up its memory counts as ended, but has no exit status before it is a zombie: that
 * is waited for. */
static int init_open(pid_t pid, uint64_t start)
{
	auto_fd int fd = pid > 0 ? sys_pidfd_open(pid, 0) : -1;
	struct life life;

	if (fd < 0 || life_read(pid, &life) < 0 || life.start != start)
		return -ESRCH;
	return fd_take(&fd);
}

void awaited_open(struct awaited *awaited, const struct container *container,
	const struct spec_record *record)
{
	*awaited = (struct awaited){
		.container = container,
		.pid = (pid_t)record->init.value,
		.start = record->init_start.value,
		.init = init_open((pid_t)record->init.value, record->init_start.value),
		.monitor = process_open((pid_t)record->monitor.value, record->monitor_start.value),
	};
}

void awaited_close(struct awaited *awaited)
{
	fd_cleanup(&awaited->init);
	fd_cleanup(&awaited->monitor);
}

static void ending_set(struct ending *ending, int status)
{
	ending->known = true;
	ending->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool ending_recorded(const struct container *container, struct ending *ending)
{
	struct spec_exit_record record;
	struct arena arena = {0};
	struct error err = {0};
	bool found = exit_record_read(container, &arena, &record, &err) == 0;

	if (found) {
		ending->known = record.exit_code.given;
		ending->code = (int)record.exit_code.value;
	}
	arena_free(&arena);
	return found;
}

/* The exit status of a zombie that is still the process that we mean. */
static bool zombie_ask(pid_t pid, uint64_t started, int *exit_status)
{
	struct life life;

	if (life_read(pid, &life) < 0 || life.start != started ||
		(life.state != 'Z' && life.state != 'X'))
		return false;
	*exit_status = life.status;
	return true;
}

/* The kernel's memory of a process that was reaped: told to whoever held a pidfd of it before. */
static bool pidfd_ask(int pidfd, int *exit_status)
{
	struct process_info info = {.mask = INFO_EXIT};

	if (pidfd < 0 || ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return false;
	*exit_status = info.exit_status;
	return true;
}

/* Reaped between the two questions, it is known to the second. */
bool ending_ask(pid_t pid, uint64_t start, int pidfd, int *status)
{
	return zombie_ask(pid, start, status) || pidfd_ask(pidfd, status);
}

/* True when the process has ended. */
static bool process_await(int pidfd, int64_t deadline)
{
	struct pollfd polled = {.fd = pidfd, .events = POLLIN};
	int ready;

	if (pidfd < 0)
		return true;
	while ((ready = poll(&polled, 1, time_left(deadline))) < 0 && errno == EINTR)
		;
	return ready > 0;
}

/* Waits for the monitor's word; false when the deadline has passed. */
static bool monitor_await(const struct awaited *awaited, int64_t deadline, struct ending *ending)
{
	auto_fd int watch = directory_watch(awaited->container->dir);
	bool ended = awaited->monitor < 0;

	while (!ending_recorded(awaited->container, ending) && !ended) {
		struct pollfd polled[] = {{.fd = awaited->monitor, .events = POLLIN},
			{.fd = watch, .events = POLLIN}};
		int left = time_left(deadline);

		if (left == 0)
			return false;
		if (watch < 0 && (left < 0 || left > ASK_AGAIN))
			left = ASK_AGAIN;
		if (poll(polled, array_size(polled), left) > 0)
			directory_watch_drain(watch);
		if (polled[0].revents != 0) {
			ended = true; /* it may have written just before */
			ending_recorded(awaited->container, ending);
		}
	}
	return true;
}

int ending_await(
	const struct awaited *awaited, int64_t deadline, struct ending *ending, struct error *err)
{
	int status;

	*ending = (struct ending){0};
	if (ending_recorded(awaited->container, ending) && ending->known)
		return 0;
	if (!process_await(awaited->init, deadline))
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"container %s has not ended in time", awaited->container->id);
	if (ending_ask(awaited->pid, awaited->start, awaited->init, &status)) {
		ending_set(ending, status);
		return 0;
	}
	if (!monitor_await(awaited, deadline, ending))
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"the monitor of container %s has not recorded its end in time",
			awaited->container->id);
	return 0;
}

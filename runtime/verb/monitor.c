/*
 * monitor: another monitor for a detached container whose own was killed. The pipes live as long as
 * somebody in the container has them open, and what it wrote meanwhile waits in them; /proc leads
 * to them by whoever that is. Only one monitor may empty a pipe, so the lock is held until the
 * record names it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/monitor.h"
#include "runtime/short_id.h"
#include "runtime/verb/verbs.h"
#include "state/life.h"

#define LOCK_PATIENCE 10000 /* milliseconds: another verb may be at work */

/* Opens a pipe for reading by the descriptor that a process has of it. */
static int pipe_open(const char *path, uint64_t inode)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat pipe;

	return fd >= 0 && fstat(fd, &pipe) == 0 && S_ISFIFO(pipe.st_mode) && pipe.st_ino == inode
		? fd_take(&fd)
		: -1;
}

/* Looks for the pipes among the descriptors of one process. The links name them, so that nothing
 * else is opened. */
static void pipes_look(
	pid_t pid, const struct monitor_options *options, struct monitor_pipes *pipes)
{
	char path[300], link[64], out[32], error[32];
	DIR *descriptors;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	snprintf(out, sizeof(out), "pipe:[%llu]", (unsigned long long)options->out_pipe);
	snprintf(error, sizeof(error), "pipe:[%llu]", (unsigned long long)options->err_pipe);
	descriptors = opendir(path);
	for (struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
		ssize_t length =
			readlinkat(dirfd(descriptors), entry->d_name, link, sizeof(link) - 1);

		if (length < 0)
			continue;
		link[length] = '\0';
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, entry->d_name);
		if (pipes->out < 0 && strcmp(link, out) == 0)
			pipes->out = pipe_open(path, options->out_pipe);
		if (pipes->err < 0 && strcmp(link, error) == 0)
			pipes->err = pipe_open(path, options->err_pipe);
	}
	if (descriptors)
		closedir(descriptors);
}

/* One that nobody has open any more stays -1: nothing can come from there. */
static int pipes_find(struct existing *existing, const struct monitor_options *options,
	struct monitor_pipes *pipes, struct error *err)
{
	pid_t init = (pid_t)existing->record.init.value;
	pid_t *pids = NULL;
	uint32_t count = 0;
	int result = cgroup_processes(
		&existing->record.cgroups, &existing->spec.arena, &pids, &count, err);

	pipes_look(init, options, pipes);
	for (uint32_t i = 0; result == 0 && i < count; i++)
		if (pipes->out < 0 || pipes->err < 0)
			pipes_look(pids[i], options, pipes);
	return result;
}

static int monitor_check(const struct existing *existing, int init, struct error *err)
{
	const struct spec_record *record = &existing->record;
	uint64_t start;

	if (!record->log.value) {
		error_set(err, ERROR_STATUS, ENOENT, "container %s has no log", record->id);
		error_hint(err, "only `run --detach` keeps one");
		return -ENOENT;
	}
	if (init < 0)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	if (process_start_time((pid_t)record->monitor.value, &start) == 0 &&
		start == record->monitor_start.value)
		return error_set(
			err, ERROR_STATUS, EBUSY, "container %s has its monitor", record->id);
	return 0;
}

/* When a process began, from what /proc says in ticks since boot. */
static struct timespec moment_of(uint64_t start)
{
	uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now, boot;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	age = (boot.tv_sec - (int64_t)(start / hertz)) * 1000 + boot.tv_nsec / 1000000 -
		(int64_t)(start % hertz * 1000 / hertz);
	age = now.tv_sec * 1000 + now.tv_nsec / 1000000 - age;
	return (struct timespec){age / 1000, age % 1000 * 1000000};
}

/* The new monitor waits until the record names it; without a word it was not to be. */
__attribute__((noreturn)) static void monitor_begin(struct existing *existing, int init,
	const struct monitor_pipes *pipes, struct monitor_options *options, int word)
{
	struct container container = existing->container;
	pid_t pid = (pid_t)existing->record.init.value;
	char byte;

	if (read(word, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
	options->root = realpath(existing->root, NULL);
	existing->container = CONTAINER_NONE;
	existing_free(existing);
	monitor_live(&container, pid, init, pipes, options);
}

static int monitor_name(struct existing *existing, pid_t monitor, struct error *err)
{
	struct spec_record *record = &existing->record;
	uint64_t start;

	if (process_start_time(monitor, &start) < 0)
		return error_set(err, ERROR_SYSTEM, ESRCH, "the new monitor ended at once");
	record->monitor = (struct maybe_int){true, monitor};
	record->monitor_start = (struct maybe_uint){true, start};
	record->interrupted = (struct maybe_bool){true, true};
	return record_write(&existing->container, record, err);
}

static int monitor_replace(struct existing *existing, int init, struct error *err)
{
	struct monitor_pipes pipes = {-1, -1};
	struct monitor_options options = {.started = moment_of(existing->record.init_start.value)};
	int word[2], result;
	pid_t monitor;

	monitor_options_recall(&existing->record, &options);
	result = pipes_find(existing, &options, &pipes, err);
	if (result < 0)
		return result;
	if (pipe2(word, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	monitor = fork();
	if (monitor < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot start a monitor: %m");
	if (monitor == 0) {
		close(word[1]);
		monitor_begin(existing, init, &pipes, &options, word[0]);
	}
	result = monitor_name(existing, monitor, err);
	if (result == 0 && write(word[1], "", 1) != 1)
		result = error_set(err, ERROR_SYSTEM, EPIPE, "the new monitor ended at once");
	return result;
}

int verb_monitor(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	auto_fd int init = -1;
	int result = existing_find(
		&existing, command->value[OPTION_root], command->argv[0], LOCK_PATIENCE, err);

	if (result == 0) {
		init = process_open(
			(pid_t)existing.record.init.value, existing.record.init_start.value);
		result = monitor_check(&existing, init, err);
	}
	if (result == 0)
		result = monitor_replace(&existing, init, err);
	existing_free(&existing);
	return result;
}

/*
 * Only a parent learns how a process ended. So the monitor is forked before there is a container,
 * makes it, and stays its parent; the caller waits on a pipe for one struct error, empty when the
 * program runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/console_socket.h"
#include "runtime/monitor.h"
#include "runtime/report.h"
#include "runtime/run_detached.h"

/* The ends of three pipes, all close-on-exec. */
struct monitor_ends {
	int out[2], err[2]; /* the container's output */
	int report[2];
};

static int run_begin(struct creation *creation, const struct command *command, struct error *err)
{
	int result = creation_make(creation, err);

	if (result == 0)
		result = creation_finish(creation, command, err);
	return result < 0 ? result : creation_start(creation, err);
}

/* In the monitor: its standard streams become the container's. */
static int streams_replace(const struct monitor_ends *ends, struct error *err)
{
	auto_fd int null = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(ends->out[1], 1) < 0 || dup2(ends->err[1], 2) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot set up the streams: %m");
	close(ends->out[1]);
	close(ends->err[1]);
	return 0;
}

__attribute__((noreturn)) static void monitor_begin(
	struct creation *creation, const struct command *command, struct monitor_ends *ends)
{
	struct monitor_pipes pipes = {.out = ends->out[0], .err = ends->err[0]};
	struct container container;
	struct error err = {0};
	int pidfd, result;
	pid_t pid;

	close(ends->report[0]);
	creation->monitored = true;
	result = streams_replace(ends, &err);
	if (result == 0)
		result = run_begin(creation, command, &err);
	signal(SIGPIPE,
		SIG_IGN); /* a caller that is gone already changes nothing for the container */
	if (write(ends->report[1], &err, sizeof(err)) < 0)
		report_debug("the caller of run -d is gone");
	if (result < 0)
		_exit(1);
	pid = creation->walk.pid;
	pidfd = fd_take(&creation->walk.pidfd);
	container = creation->container;
	creation->container = CONTAINER_NONE;
	creation_free(creation);
	monitor_live(&container, pid, pidfd, &pipes);
}

static int ends_open(struct monitor_ends *ends, struct error *err)
{
	if (pipe2(ends->out, O_CLOEXEC) < 0 || pipe2(ends->err, O_CLOEXEC) < 0 ||
		pipe2(ends->report, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	return 0;
}

static int run_monitored(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct monitor_ends ends;
	struct error told;
	int result = ends_open(&ends, err);
	pid_t monitor;

	if (result < 0)
		return result;
	monitor = fork();
	if (monitor < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot start the monitor: %m");
	if (monitor == 0)
		monitor_begin(creation, command, &ends);
	close(ends.report[1]);
	if (read(ends.report[0], &told, sizeof(told)) != sizeof(told))
		return error_set(
			err, ERROR_GATE, ECHILD, "the monitor ended before the container ran");
	if (told.code == ERROR_NONE)
		return 0;
	*err = told;
	return told.number ? -told.number : -EINVAL;
}

int run_detached(struct creation *creation, const struct command *command, struct error *err)
{
	int result = console_socket_use(true, &creation->spec, creation->spec.config.process,
		command->value[OPTION_console_socket], &creation->console, err);

	if (result == 0)
		result = creation->terminal ? run_begin(creation, command, err)
					    : run_monitored(creation, command, err);
	if (result == 0)
		printf("%s\n", creation->id);
	return result;
}

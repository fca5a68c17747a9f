/*
 * Only a parent learns how a process ended. So the monitor is forked before there is a container,
 * makes it, and stays its parent; the caller waits on a pipe for one struct error, empty when the
 * program runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/console_socket.h"
#include "runtime/monitor.h"
#include "runtime/number.h"
#include "runtime/readiness.h"
#include "runtime/report.h"
#include "runtime/run_detached.h"
#include "state/log.h"

#define LOG_FILES 3 /* that are kept when their size is limited */

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
	if (result == 0)
		result = creation_start(creation, err);
	if (result == 0 && creation->readiness >= 0) {
		container_unlock(&creation->container);
		readiness_relay(creation->readiness, creation->walk.pidfd, creation->walk.pid);
	}
	return result;
}

/*
 * The end that the container gets, opened for reading, too: should the monitor be killed, the
 * container's writes meet a pipe that fills, not one that is broken and whose signal ends them.
 */
static int pipe_hold(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
}

/* What the monitor is to do, read before there is anything to undo. */
static int options_read(const struct creation *creation, const struct command *command,
	struct monitor_options *options, struct error *err)
{
	const char *mode = command->value[OPTION_log_mode];
	int result = size_option(command, OPTION_log_max_size, &options->log_size, err);

	options->log_files = options->log_size > 0 ? LOG_FILES : 1;
	if (result == 0)
		result = number_option(
			command, OPTION_log_max_files, LOG_FILES_MAX, &options->log_files, err);
	if (result < 0)
		return result;
	if (options->log_files == 0)
		return error_set(err, ERROR_USAGE, EINVAL, "at least one log file is kept");
	options->block = mode && strcmp(mode, "block") == 0;
	if (mode && !options->block && strcmp(mode, "drop") != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown log mode \"%s\": it is block or drop", mode);
	options->remove = command->given[OPTION_rm];
	return 0;
}

/* In the monitor: its standard streams become the container's. */
static int streams_replace(const struct monitor_ends *ends, struct error *err)
{
	auto_fd int null = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);
	auto_fd int out = pipe_hold(ends->out[1]);
	auto_fd int error = pipe_hold(ends->err[1]);

	if (null < 0 || out < 0 || error < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
		dup2(error, 2) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot set up the streams: %m");
	close(ends->out[1]);
	close(ends->err[1]);
	return 0;
}

static int pipes_identify(
	const struct monitor_ends *ends, struct monitor_options *options, struct error *err)
{
	struct stat out, error;

	if (fstat(ends->out[0], &out) < 0 || fstat(ends->err[0], &error) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot look at a pipe: %m");
	options->out_pipe = out.st_ino;
	options->err_pipe = error.st_ino;
	return 0;
}

__attribute__((noreturn)) static void monitor_begin(struct creation *creation,
	const struct command *command, struct monitor_ends *ends, struct monitor_options *options)
{
	struct monitor_pipes pipes = {.out = ends->out[0], .err = ends->err[0]};
	struct container container;
	int person = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), pidfd, result;
	struct error err = {0};
	pid_t pid;

	close(ends->report[0]);
	report_to(person); /* not to what will be the container's stderr */
	creation->monitored = options;
	result = pipes_identify(ends, options, &err);
	if (result == 0 && creation->cgroup.unit)
		result = manager_open(&creation->manager, &creation->spec.arena, &err);
	if (result == 0)
		result = streams_replace(ends, &err);
	if (result == 0)
		result = run_begin(creation, command, &err);
	if (result == 0)
		report_close();
	report_to(-1); /* whoever reads the caller's stderr must not wait for us */
	fd_cleanup(&person);
	signal(SIGPIPE,
		SIG_IGN); /* a caller that is gone already changes nothing for the container */
	if (write(ends->report[1], &err, sizeof(err)) < 0)
		report_debug("the caller of run -d is gone");
	if (result < 0)
		_exit(1);
	options->root = realpath(creation->root, NULL); /* it will work in / */
	pid = creation->walk.pid;
	pidfd = fd_take(&creation->walk.pidfd);
	container = creation->container;
	creation->container = CONTAINER_NONE;
	creation_free(creation);
	monitor_live(&container, pid, pidfd, &pipes, options);
}

static int ends_open(struct monitor_ends *ends, struct error *err)
{
	if (pipe2(ends->out, O_CLOEXEC) < 0 || pipe2(ends->err, O_CLOEXEC) < 0 ||
		pipe2(ends->report, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	return 0;
}

/* It runs, or may run, and the call fails. */
static void run_undo(struct creation *creation, const struct command *command)
{
	struct error err = {0};

	container_leave(&creation->container);
	if (verb_take_back(command->value[OPTION_root], creation->id, &err) < 0)
		report_warning(err.pointer, err.message);
}

static int run_monitored(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct monitor_options options = {0};
	struct monitor_ends ends;
	struct error told;
	int result = options_read(creation, command, &options, err);
	pid_t monitor;
	ssize_t got;

	if (result == 0)
		result = ends_open(&ends, err);
	if (result < 0)
		return result;
	/* Who holds a scope's place counts against its limits until its parent has reaped it: so
	 * the monitor starts one of its own. */
	manager_close(&creation->manager);
	monitor = fork();
	if (monitor < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot start the monitor: %m");
	if (monitor == 0)
		monitor_begin(creation, command, &ends, &options);
	close(ends.report[1]);
	do
		got = read(ends.report[0], &told, sizeof(told));
	while (got < 0 && errno == EINTR);
	if (got != sizeof(told)) {
		kill(monitor, SIGKILL);
		run_undo(creation, command);
		return error_set(
			err, ERROR_GATE, ECHILD, "the monitor ended before the container ran");
	}
	if (told.code == ERROR_NONE)
		return 0;
	*err = told;
	return told.number ? -told.number : -EINVAL;
}

/* A caller who is not told the id must not have the container. */
static int id_print(struct creation *creation, const struct command *command, struct error *err)
{
	if (printf("%s\n", creation->id) > 0 && fflush(stdout) == 0)
		return 0;
	error_set(err, ERROR_SYSTEM, errno, "cannot write to the standard output: %m");
	run_undo(creation, command);
	return -err->number;
}

/* Whoever takes the terminal keeps its output, and there is no monitor to do what these ask for. */
static int terminal_check(const struct command *command, struct error *err)
{
	static const enum option_id ids[] = {
		OPTION_rm, OPTION_log_max_size, OPTION_log_max_files, OPTION_log_mode};

	for (size_t i = 0; i < array_size(ids); i++)
		if (command->given[ids[i]])
			return error_set(err, ERROR_USAGE, EINVAL,
				"--%s is not for a detached container with a terminal: it has no "
				"monitor",
				option_rows[ids[i]].name);
	return 0;
}

int run_detached(struct creation *creation, const struct command *command, struct error *err)
{
	int result = creation->terminal ? terminal_check(command, err) : 0;

	if (result == 0)
		result = console_socket_use(true, &creation->spec, creation->spec.config.process,
			command->value[OPTION_console_socket], &creation->console, err);
	if (result == 0)
		result = creation->terminal ? run_begin(creation, command, err)
					    : run_monitored(creation, command, err);
	return result == 0 ? id_print(creation, command, err) : result;
}

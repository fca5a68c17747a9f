/*
 * One command, measured as its caller sees it: clock around spawn and wait, the kernel's accounting
 * for the rest. No shell is in the measured path, and the child is made without copying our memory.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double microseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

pid_t sample_start(char *const *argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (!getenv("BENCH_VERBOSE"))
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	int error = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error ? -1 : pid;
}

struct sample sample_run(char *const *argv)
{
	struct sample sample = {.status = -1};
	struct rusage usage;
	int status;
	double start = now();
	pid_t pid = sample_start(argv);

	if (pid < 0)
		return sample;
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	sample.wall = now() - start;
	sample.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	sample.cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	sample.peak = usage.ru_maxrss;
	sample.faults = usage.ru_minflt + usage.ru_majflt;
	return sample;
}

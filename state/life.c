/*
 * A pid alone lies once it is used again; pid and start time together name one process. Both are in
 * one line, /proc/PID/stat, with whatever else is asked about a process that is nobody's child
 * here.
 */
#include "state/life.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define TRIES_MORE 6 /* 63 ms in all */

#define FIELDS 52      /* of the line; each behind the state, the third, is a number */
#define PF_EXITING 0x4 /* <linux/sched.h> of the kernel itself */

static ssize_t read_once(const char *path, char *text, size_t size)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return length;
}

/* A host's refusal for want of something says nothing about the process. */
ssize_t kernel_file_read(const char *path, char *text, size_t size)
{
	ssize_t length = read_once(path, text, size);

	for (int again = 0; again < TRIES_MORE &&
		(length == -ENOMEM || length == -ENFILE || length == -EMFILE || length == -EINTR ||
			length == -EIO || length == -ENOSPC);
		again++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000L << again}, NULL);
		length = read_once(path, text, size);
	}
	return length;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The numbers behind the state, by their own; false when there are fewer. By hand: there are many,
 * and a listing has thousands of such lines. */
static bool numbers_read(const char *at, uint64_t numbers[FIELDS + 1])
{
	for (int i = 4; i <= FIELDS; i++) {
		uint64_t number = 0;
		bool negative;

		at += *at == ' ';
		negative = *at == '-';
		at += negative;
		if (!is_digit(*at))
			return false;
		for (; is_digit(*at); at++)
			number = number * 10 + (uint64_t)(*at - '0');
		numbers[i] = negative ? 0 - number : number;
	}
	return true;
}

int life_read(pid_t pid, struct life *life)
{
	uint64_t numbers[FIELDS + 1];
	char path[32], text[1024], *name, *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (pid <= 0 || kernel_file_read(path, text, sizeof(text)) < 0)
		return -ESRCH;
	name = strchr(text, '(');
	end = strrchr(text, ')'); /* the name before it may hold anything, even ") Z 1" */
	if (!name || !end || end[1] != ' ' || !end[2] || !numbers_read(end + 3, numbers))
		return -ESRCH;
	*end = '\0';
	*life = (struct life){.state = end[2],
		.parent = (pid_t)numbers[4],
		.flags = numbers[9],
		.threads = numbers[20],
		.start = numbers[22],
		.memory = numbers[23],
		.status = (int)numbers[52]};
	snprintf(life->name, sizeof(life->name), "%s", name + 1);
	return 0;
}

bool life_goes_on(const struct life *life)
{
	/* A first thread that has ended while others go on looks like a zombie and is none. */
	return life->threads > 1 || (life->state != 'Z' && life->state != 'X' && life->memory > 0);
}

int process_start_time(pid_t pid, uint64_t *start)
{
	struct life life;

	if (life_read(pid, &life) < 0 || !life_goes_on(&life))
		return -ESRCH;
	*start = life.start;
	return 0;
}

int process_open(pid_t pid, uint64_t start)
{
	auto_fd int fd = pid > 0 ? sys_pidfd_open(pid, 0) : -1;
	uint64_t now;

	if (fd < 0 || process_start_time(pid, &now) < 0 || now != start)
		return -ESRCH;
	return fd_take(&fd);
}

int process_killed_before(pid_t pid, uint64_t start, const char *program)
{
	struct life life;

	if (life_read(pid, &life) < 0 || life.start != start || !WIFSIGNALED(life.status))
		return 0;
	return strncmp(life.name, program, LIFE_NAME - 1) == 0 ? 0 : WTERMSIG(life.status);
}

bool process_is_dying(pid_t pid)
{
	static const char *const sets[] = {"\nSigPnd:", "\nShdPnd:"}; /* of a thread, of all */
	char path[32], text[4096];
	struct life life;

	if (life_read(pid, &life) < 0)
		return false;
	if (life.flags & PF_EXITING)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (kernel_file_read(path, text, sizeof(text)) < 0)
		return false;
	for (size_t i = 0; i < array_size(sets); i++) {
		const char *line = strstr(text, sets[i]);

		if (line && (strtoull(line + strlen(sets[i]), NULL, 16) >> (SIGKILL - 1) & 1))
			return true;
	}
	return false;
}

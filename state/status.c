/*
 * Nobody updates a status when a container is killed, frozen from outside or lost in a reboot, so a
 * stored one lies sooner or later. A pid alone lies too, once it is used again; pid and start time
 * together name one process for as long as the host is up.
 */
#include "state/status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "nsexec/wire.h"

#define TRIES_MORE 6 /* 63 ms in all */
#define FREEZER_V1 "/freezer.state"

#define FIELD_FLAGS 7  /* of /proc/PID/stat, behind the name */
#define PF_EXITING 0x4 /* <linux/sched.h> of the kernel itself */

#define PROCESS_NAME_MAX 15 /* bytes of a program's name that the kernel keeps */

const char *status_word(enum status status)
{
	static const char *const words[] = {
		[STATUS_CREATING] = "creating",
		[STATUS_CREATED] = "created",
		[STATUS_RUNNING] = "running",
		[STATUS_PAUSED] = "paused",
		[STATUS_STOPPED] = "stopped",
	};

	return words[status];
}

static ssize_t text_read_once(const char *path, char *text, size_t size)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return length;
}

/*
 * The beginning of a small kernel file, NUL-terminated; its length or -errno. A host that is short
 * of memory or files for a moment is asked again: its refusal says nothing about the process.
 */
static ssize_t text_read(const char *path, char *text, size_t size)
{
	ssize_t length = text_read_once(path, text, size);

	for (int again = 0; again < TRIES_MORE &&
		(length == -ENOMEM || length == -ENFILE || length == -EMFILE || length == -EINTR ||
			length == -EIO || length == -ENOSPC);
		again++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000L << again}, NULL);
		length = text_read_once(path, text, size);
	}
	return length;
}

/* Takes the number behind `skipped` more fields. */
static bool field_take(const char **at, int skipped, uint64_t *number)
{
	char *end;

	for (; skipped > 0 && *at != NULL; skipped--)
		*at = strchr(*at + 1, ' ');
	if (*at == NULL)
		return false;
	*number = strtoull(*at, &end, 10);
	*at = end;
	return true;
}

/* The fields of /proc/PID/stat that count: 3, 20, 22 and 23. */
struct process_line {
	char state;
	uint64_t threads, start, memory;
};

static int process_read(pid_t pid, struct process_line *line)
{
	char path[32], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (pid <= 0 || text_read(path, text, sizeof(text)) < 0)
		return -ESRCH;
	at = strrchr(text, ')'); /* the name before it may hold anything, even ") Z 1" */
	if (at == NULL || at[1] != ' ' || at[2] == '\0')
		return -ESRCH;
	line->state = at[2];
	at += 3;
	if (!field_take(&at, 16, &line->threads) || !field_take(&at, 1, &line->start) ||
		!field_take(&at, 0, &line->memory))
		return -ESRCH;
	/* A first thread that has ended while others go on looks like a zombie and is none. */
	if (line->threads > 1)
		return 0;
	/* Who has given up its memory takes no signal any more: it ends, zombie or not yet. */
	return line->state == 'Z' || line->state == 'X' || line->memory == 0 ? -ESRCH : 0;
}

int process_start_time(pid_t pid, uint64_t *start)
{
	struct process_line line;
	int result = process_read(pid, &line);

	if (result == 0)
		*start = line.start;
	return result;
}

int process_killed_before(pid_t pid, uint64_t start, const char *program)
{
	char path[32], text[1024], name[PROCESS_NAME_MAX + 1] = "";
	uint64_t started, end;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (text_read(path, text, sizeof(text)) < 0)
		return 0;
	at = strrchr(text, ')');
	/* 22: the start time, 52: the wait status */
	if (at == NULL || sscanf(text, "%*d (%15c", name) != 1 || !field_take(&at, 20, &started) ||
		!field_take(&at, 29, &end))
		return 0;
	if (started != start || !WIFSIGNALED((int)end))
		return 0;
	name[strcspn(name, ")")] = '\0';
	return strncmp(name, program, PROCESS_NAME_MAX) == 0 ? 0 : WTERMSIG((int)end);
}

bool process_is_dying(pid_t pid)
{
	static const char *const sets[] = {"\nSigPnd:", "\nShdPnd:"}; /* of a thread, of all */
	char path[32], text[4096];
	const char *at;
	uint64_t flags = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (text_read(path, text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	if (at && field_take(&at, FIELD_FLAGS, &flags) && (flags & PF_EXITING))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (text_read(path, text, sizeof(text)) < 0)
		return false;
	for (size_t i = 0; i < array_size(sets); i++) {
		const char *line = strstr(text, sets[i]);

		if (line && (strtoull(line + strlen(sets[i]), NULL, 16) >> (SIGKILL - 1) & 1))
			return true;
	}
	return false;
}

static bool process_is(pid_t pid, uint64_t start)
{
	uint64_t now;

	return process_start_time(pid, &now) == 0 && now == start;
}

int process_open(pid_t pid, uint64_t start)
{
	auto_fd int fd = pid > 0 ? sys_pidfd_open(pid, 0) : -1;

	if (fd < 0 || !process_is(pid, start))
		return -ESRCH;
	return fd_take(&fd);
}

/*
 * A file of the container may happen to have the number of the gate's memfd. But a memfd has no
 * link, nor has a mydocker that was replaced meanwhile; any other image must be our own program,
 * which is the gate where memfds cannot be executed.
 */
static bool image_is_gate(const struct stat *image, uint64_t gate)
{
	struct stat own;

	if (image->st_ino != gate || image->st_nlink == 0)
		return image->st_ino == gate;
	return stat("/proc/self/exe", &own) == 0 && own.st_ino == gate &&
		own.st_dev == image->st_dev;
}

/*
 * What a caller without privilege can know of a gate in a user namespace, whose image the kernel
 * shows to the host's root alone. A program that calls itself so misleads only who asks for its
 * own status.
 */
static bool process_is_called_gate(pid_t pid)
{
	char path[32], name[sizeof(WIRE_GATE_NAME)];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	return text_read(path, name, sizeof(name)) > 0 && strcmp(name, WIRE_GATE_NAME) == 0;
}

/* Since Linux 6.1 v1's freezer stops a process in D; before, a sleeper stayed as it was. Asked
 * once: a listing has thousands of processes. */
static bool freezer_stops_in_d(void)
{
	static enum { UNASKED, NO, YES } answer;
	struct utsname host;
	char *end;
	unsigned long major, minor;

	if (answer == UNASKED && uname(&host) == 0) {
		major = strtoul(host.release, &end, 10);
		minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
		answer = major > 6 || (major == 6 && minor >= 1) ? YES : NO;
	}
	return answer == YES;
}

/* Whether the process shows what it would cost more to ask the freezer: that it is not frozen. */
static bool process_shows_thawed(const struct process_line *line, const char *freezer)
{
	return (line->state == 'R' || line->state == 'S') && strstr(freezer, FREEZER_V1) != NULL &&
		freezer_stops_in_d();
}

static bool freezer_is_frozen(const char *path)
{
	char text[256];

	if (text_read(path, text, sizeof(text)) < 0)
		return false;
	return strncmp(text, "FROZEN", 6) == 0 || strstr(text, "frozen 1") != NULL;
}

static bool creator_lives(const struct spec_record *record)
{
	return record->creator.value > 0 &&
		process_is((pid_t)record->creator.value, record->creator_start.value);
}

enum status status_derive(const struct spec_record *record)
{
	pid_t pid = (pid_t)record->init.value;
	struct process_line line;
	struct stat image = {0};
	bool gate;
	char path[32];

	if (pid == 0)
		return creator_lives(record) ? STATUS_CREATING : STATUS_STOPPED;
	if (process_read(pid, &line) < 0 || line.start != record->init_start.value)
		return STATUS_STOPPED;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (stat(path, &image) < 0 && (errno == ENOENT || errno == ESRCH))
		return STATUS_STOPPED; /* it has just given up its memory */
	gate = image.st_ino != 0 ? image_is_gate(&image, record->gate.value)
				 : process_is_called_gate(pid);
	/* What is being restored never was a gate. */
	if ((gate || !record->gate.given) && creator_lives(record))
		return STATUS_CREATING;
	/* Before the door as well: who knocks at a frozen gate waits for nothing. */
	if (record->freezer != NULL && !process_shows_thawed(&line, record->freezer) &&
		freezer_is_frozen(record->freezer))
		return STATUS_PAUSED;
	return gate ? STATUS_CREATED : STATUS_RUNNING;
}

/*
 * Starting CRIU and finding it. What it inherits is decided here: the descriptors that it is told
 * about by their numbers and no others, no signal mask of ours, and a PATH, since it calls programs
 * (tar, ip, iptables) and some engines call us without one.
 */
#include "runtime/criu/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/unix_socket.h"

#define PLACES "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SOCKET_FD 3
#define END_PATIENCE 10000 /* milliseconds, for one that has nothing left to do */

/* Why a new process did not become CRIU. */
struct hindrance {
	int number;
	char what[60];
};

static const char *found_in(const char *places, struct arena *arena)
{
	while (places && *places) {
		size_t length = strcspn(places, ":");
		const char *path =
			arena_format(arena, "%.*s/criu", (int)length, length ? places : ".");

		if (path && length && access(path, X_OK) == 0)
			return path;
		places += length + (places[length] == ':');
	}
	return NULL;
}

const char *criu_find(struct arena *arena, struct error *err)
{
	const char *path = found_in(getenv("PATH"), arena);

	if (!path)
		path = found_in(PLACES, arena);
	if (!path) {
		error_set(err, ERROR_UNSUPPORTED, ENOENT,
			"checkpoint and restore need the program criu, which is not there");
		error_hint(err, "install CRIU 3.15 or newer, in %s or somewhere in PATH", PLACES);
	}
	return path;
}

static void streams_close(void)
{
	int null = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
}

static void signals_reset(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

/* The descriptors at their numbers, all of them first moved out of each other's way. */
static int descriptors_place(const struct criu_start *start, int talk)
{
	int high[CRIU_FD_END - CRIU_FD];

	talk = fcntl(talk, F_DUPFD_CLOEXEC, CRIU_FD_END);
	for (uint32_t i = 0; i < start->fd_count; i++)
		high[i] = fcntl(start->fds[i], F_DUPFD_CLOEXEC, CRIU_FD_END);
	for (uint32_t i = 0; i < start->fd_count; i++)
		if (dup2(high[i], CRIU_FD + (int)i) < 0)
			return -errno;
	if (dup2(talk, SOCKET_FD) < 0)
		return -errno;
	return 0;
}

/*
 * The two ends of the conversation, of which the parent gets one. CRIU takes whoever made them for
 * whom it talks to, and looks for the descriptors that it is told about there: so they are made
 * here, where descriptors of its own mount namespace can be.
 */
static int talk_make(int report, int *talk)
{
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	result = unix_socket_send(report, "talk", ends[0]);
	close(ends[0]);
	*talk = ends[1];
	return result;
}

/* In the new process. */
__attribute__((noreturn)) static void criu_become(
	const char *program, struct criu_start *start, int report)
{
	char *argv[] = {(char *)program, "swrk", "3", NULL};
	struct hindrance hindrance = {0};
	const char *what = "set up its descriptors";
	int talk = -1, result = fcntl(report, F_DUPFD_CLOEXEC, CRIU_FD_END);

	if (result >= 0)
		report = result;
	signals_reset();
	if (!start->streams)
		streams_close();
	if (!getenv("PATH"))
		setenv("PATH", PLACES, 1);
	if (start->enter)
		result = start->enter(start->context, start, &what);
	if (result >= 0)
		result = talk_make(report, &talk);
	if (result == 0)
		result = descriptors_place(start, talk);
	if (result == 0) {
		sys_close_range(CRIU_FD + start->fd_count, ~0U, CLOSE_RANGE_CLOEXEC);
		execv(program, argv);
		what = "execute it";
		result = -errno;
	}
	hindrance.number = -result;
	snprintf(hindrance.what, sizeof(hindrance.what), "%s", what);
	_exit(write(report, &hindrance, sizeof(hindrance)) < 0 ? 126 : 127);
}

/* What the new process tells until it is CRIU: our end of the conversation, or what hindered it. */
static int birth_follow(int report, struct criu *criu, struct hindrance *hindrance)
{
	ssize_t got;

	do {
		struct iovec data = {hindrance, sizeof(*hindrance)};
		int fd = -1;

		got = unix_socket_receive(report, &data, &fd);
		if (fd >= 0)
			criu->socket = fd;
	} while (got > 0 && got != sizeof(*hindrance));
	if (got == sizeof(*hindrance))
		return -hindrance->number;
	return criu->socket < 0 ? -EPIPE : 0;
}

int criu_begin(struct criu *criu, const char *program, struct criu_start *start, struct error *err)
{
	auto_fd int report = -1, theirs = -1;
	struct hindrance hindrance = {.what = "begin"};
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a socket pair: %m");
	report = ends[0];
	theirs = ends[1];
	criu->pid = fork();
	if (criu->pid == 0)
		criu_become(program, start, theirs);
	if (criu->pid < 0) {
		criu->pid = 0;
		return error_set(err, ERROR_SYSTEM, errno, "cannot start %s: %m", program);
	}
	criu->pidfd = sys_pidfd_open(criu->pid, 0);
	close(fd_take(&theirs));
	result = birth_follow(report, criu, &hindrance);
	if (result == 0)
		return 0;
	return error_set(err, ERROR_CRIU, -result, "cannot start %s: cannot %s: %s", program,
		hindrance.what, strerror(-result));
}

void criu_end(struct criu *criu)
{
	struct pollfd death = {.fd = criu->pidfd, .events = POLLIN};

	fd_cleanup(&criu->socket);
	criu->socket = -1;
	if (criu->pid > 0) {
		if (criu->pidfd < 0 || poll(&death, 1, END_PATIENCE) != 1)
			kill(criu->pid, SIGKILL);
		while (waitpid(criu->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	criu->pid = 0;
	fd_cleanup(&criu->pidfd);
	criu->pidfd = -1;
}

int criu_check(struct error *err)
{
	struct arena arena = {0};
	const char *program = criu_find(&arena, err);
	char *argv[] = {(char *)program, "check", NULL};
	int status = -1;
	pid_t pid = program ? fork() : -1;

	if (pid == 0) {
		signals_reset();
		streams_close();
		execv(program, argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (program && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP, "%s does not work here", program);
		error_hint(err, "`criu check` says why; a kernel needs a CRIU that knows it");
	}
	arena_free(&arena);
	return err->code ? -err->number : 0;
}

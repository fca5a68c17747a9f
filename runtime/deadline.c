/*
 * A tree of processes that forks while it is being killed must not get away: so each process is
 * stopped before its children are looked for, and a stopped one has no more of them. When a look
 * finds nobody new, all are there, and only then the first is killed. Everything goes through
 * pidfds, so no other process is ever meant. In a cgroup of its own nobody gets away at all.
 */
#include "runtime/deadline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "state/life.h"

#define KILL_FILE "cgroup.kill" /* Linux 5.14 */
#define TREE_MAX 65536

struct tree {
	uint32_t count;
	struct member {
		pid_t pid;
		int pidfd;
	} members[TREE_MAX];
};

/* The parent of a process; 0 when there is no such process. */
static pid_t parent_of(pid_t pid)
{
	struct life life;

	return life_read(pid, &life) == 0 ? life.parent : 0;
}

static bool tree_has(const struct tree *tree, pid_t pid)
{
	for (uint32_t i = 0; i < tree->count; i++)
		if (tree->members[i].pid == pid)
			return true;
	return false;
}

/* Stops a process and takes it in, unless it is another one by now. */
static bool tree_add(struct tree *tree, pid_t pid)
{
	auto_fd int pidfd = sys_pidfd_open(pid, 0);

	if (pidfd < 0 || tree->count == TREE_MAX || !tree_has(tree, parent_of(pid)) ||
		sys_pidfd_send_signal(pidfd, SIGSTOP, 0) < 0)
		return false;
	tree->members[tree->count++] = (struct member){pid, fd_take(&pidfd)};
	return true;
}

/* One look at all processes. True when somebody new was found. */
static bool tree_grow(struct tree *tree)
{
	DIR *processes = opendir("/proc");
	bool grown = false;

	for (struct dirent *entry; processes && (entry = readdir(processes));) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 1 && !tree_has(tree, pid) && tree_has(tree, parent_of(pid)))
			grown = tree_add(tree, pid) || grown;
	}
	if (processes)
		closedir(processes);
	return grown;
}

static void tree_kill(pid_t pid, int pidfd)
{
	static struct tree tree;

	sys_pidfd_send_signal(pidfd, SIGSTOP, 0);
	tree.members[tree.count++] = (struct member){pid, pidfd};
	while (tree_grow(&tree))
		;
	for (uint32_t i = 0; i < tree.count; i++)
		sys_pidfd_send_signal(tree.members[i].pidfd, SIGKILL, 0);
}

/* The kernel kills all of a cgroup at once, where there is one and it knows how. */
static bool cgroup_kill(const char *cgroup)
{
	auto_fd int directory = -1;
	auto_fd int fd = -1;

	if (!cgroup)
		return false;
	directory = openat(AT_FDCWD, cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(directory, KILL_FILE, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, "1", 1) == 1;
}

__attribute__((noreturn)) static void deadline_live(
	pid_t pid, int pidfd, const char *cgroup, int64_t milliseconds, int tell)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	int null = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	while (poll(&end, 1, (int)milliseconds) < 0 && errno == EINTR)
		;
	if (end.revents == 0) {
		if (write(tell, "", 1) < 0)
			close(tell); /* the caller has not waited for it */
		if (!cgroup_kill(cgroup))
			tree_kill(pid, pidfd);
	}
	_exit(0);
}

int deadline_begin(pid_t pid, int pidfd, const char *cgroup, int64_t milliseconds, int *told,
	struct error *err)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	child = fork();
	if (child == 0) {
		signal(SIGPIPE, SIG_IGN); /* of a caller that is gone */
		deadline_live(pid, pidfd, cgroup, milliseconds, ends[1]);
	}
	close(ends[1]);
	*told = ends[0];
	return child < 0 ? error_set(err, ERROR_SYSTEM, errno, "cannot start a process: %m") : 0;
}

bool deadline_was_missed(int told)
{
	char byte;

	return told >= 0 && read(told, &byte, 1) == 1;
}

/*
 * A process in a new user namespace is nobody until someone outside writes its maps. With privilege
 * we are that someone; without, the kernel lets us map only ourselves, and the ranges of
 * /etc/subuid and /etc/subgid are what the setuid programs newuidmap and newgidmap are for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/mapping.h"
#include "runtime/plan/blame.h"

#define MAP_WORDS 1024 /* three for each line; the kernel takes at most 340 lines */

/* One write, as the kernel demands of these files. 0 or -errno. */
static int process_file_write(pid_t pid, const char *name, const char *text, size_t length)
{
	char path[64];
	auto_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, text, length) < 0 ? -errno : 0;
}

/* Runs newuidmap or newgidmap with the numbers of the lines as its arguments. 0 or -errno. */
static int mapping_delegate(const char *program, pid_t pid, const char *lines, size_t length)
{
	auto_free char *copy = strndup(lines, length);
	char digits[16];
	char *words[MAP_WORDS + 3] = {(char *)program, digits};
	char *rest = copy;
	uint32_t count = 2;
	int status = 0;
	pid_t child;

	if (!copy)
		return -ENOMEM;
	snprintf(digits, sizeof(digits), "%d", pid);
	for (char *word = strtok_r(rest, " \n", &rest); word && count < MAP_WORDS + 2;
		word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		execvp(program, words);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return status == 0 ? 0 : -EPERM;
}

static int map_write(pid_t pid, const char *name, const char *program, const char *lines,
	size_t length, struct error *err)
{
	int result = process_file_write(pid, name, lines, length);

	if (result != -EPERM) {
		if (result < 0)
			error_set(err, ERROR_NAMESPACE, -result, "cannot write %s: %s", name,
				strerror(-result));
		if (result == -EINVAL)
			error_hint(err,
				"the kernel takes 340 ranges at most, and in less than a "
				"page of text");
		return result;
	}
	result = mapping_delegate(program, pid, lines, length);
	if (result < 0) {
		error_set(err, ERROR_NAMESPACE, -result, "cannot write %s, and %s %s", name,
			program, result == -ENOENT ? "is not installed" : "refused the mapping");
		error_hint(err, "a caller without privilege needs %s and a range in /etc/%s",
			program, strcmp(name, "uid_map") == 0 ? "subuid" : "subgid");
	}
	return result;
}

/* A file that is written as a whole by us or not at all. */
static int file_write(pid_t pid, const char *name, const char *text, struct error *err)
{
	int result = process_file_write(pid, name, text, strlen(text));

	return result < 0 ? error_set(err, ERROR_NAMESPACE, -result, "cannot write %s: %s", name,
				    strerror(-result))
			  : 0;
}

static int offsets_write(pid_t pid, const char *offsets, const struct spec *spec, struct error *err)
{
	int result = file_write(pid, "timens_offsets", offsets, err);

	if (result < 0)
		blame(err, spec, NULL, &spec->config.linux->time_offsets);
	if (result == -ERANGE)
		error_hint(err, "a clock shows neither less than 0 nor more than 146 years");
	return result;
}

int mapping_write(const struct plan *plan, const struct step_map *map, const struct spec *spec,
	pid_t pid, struct error *err)
{
	const char *uids = plan_string(plan, map->uids);
	const char *gids = plan_string(plan, map->gids);
	const char *offsets = plan_string(plan, map->offsets);
	int result = 0;

	if (map->deny_setgroups)
		result = file_write(pid, "setgroups", "deny", err);
	if (result == 0 && offsets)
		result = offsets_write(pid, offsets, spec, err);
	if (result == 0 && uids)
		result = map_write(pid, "uid_map", "newuidmap", uids, strlen(uids), err);
	if (result < 0 || !gids)
		return result;
	result = map_write(pid, "gid_map", "newgidmap", gids, strlen(gids), err);
	if (result < 0)
		blame(err, spec, NULL, &spec->config.linux->gid_mappings);
	return result;
}

/* In its own function: the child must not return into ours. */
static pid_t namespace_holder(int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t own = getpid(), pid = sys_clone3(&args);

	if (pid != 0)
		return pid;
	/* Nobody would look for it if we were killed. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == own)
		for (;;)
			pause();
	_exit(EXIT_FAILURE);
}

int mapping_namespace(const char *maps, int *fd, struct error *err)
{
	const char *gids = strstr(maps, "\n\n");
	auto_fd int pidfd = -1;
	char path[64];
	pid_t pid;
	int result;

	if (!gids)
		return error_set(err, ERROR_NAMESPACE, EINVAL, "the mount's mapping is incomplete");
	pid = namespace_holder(&pidfd);
	if (pid < 0)
		return error_set(err, ERROR_NAMESPACE, errno,
			"cannot make a user namespace for the mount: %m");
	result = map_write(pid, "uid_map", "newuidmap", maps, (size_t)(gids + 1 - maps), err);
	if (result == 0)
		result = map_write(pid, "gid_map", "newgidmap", gids + 2, strlen(gids + 2), err);
	if (result == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
		*fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
		if (*fd < 0)
			result = error_set(err, ERROR_NAMESPACE, errno, "cannot open %s: %m", path);
	}
	sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

/* Real cgroups of a test's own, and processes in them. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cgroup/cgroup.h"
#include "spec/arena.h"
#include "state/record.h"

/* The mount point and our own cgroup of the v1 hierarchy with a controller ("" for the unified
 * tree), or NULL. */
__attribute__((unused)) static const char *scene_hierarchy(
	const char *controller, struct arena *arena)
{
	struct cgroup_host host = {0};
	struct error err = {0};

	cgroup_probe(arena, &host, &err);
	for (uint32_t i = 0; i < host.count; i++)
		if (strcmp(host.hierarchies[i].controllers, controller) == 0)
			return arena_format(arena, "%s%s", host.hierarchies[i].mount,
				strcmp(host.hierarchies[i].own, "/") == 0 || !*controller
					? ""
					: host.hierarchies[i].own);
	return NULL;
}

__attribute__((unused)) static const char *scene_unified(struct arena *arena)
{
	return scene_hierarchy("", arena);
}

/* A path for a cgroup of this test below parent; NULL when parent is NULL. */
__attribute__((unused)) static const char *scene_path(const char *parent, struct arena *arena)
{
	static int number;

	return parent ? arena_format(arena, "%s/mydocker-test-%d-%d", parent, getpid(), number++)
		      : NULL;
}

#define PATIENCE 5000 /* milliseconds */

__attribute__((unused)) static int scene_cgroup(const char *path, bool *made, struct error *err)
{
	return cgroup_make(path, strstr(path, "/cpuset/") != NULL, 0, made, err);
}

/* A new cgroup of this test below parent; NULL when there can be none. */
__attribute__((unused)) static const char *scene_make(const char *parent, struct arena *arena)
{
	const char *path = scene_path(parent, arena);
	struct error err = {0};
	bool made;

	return path && geteuid() == 0 && scene_cgroup(path, &made, &err) == 0 && made ? path : NULL;
}

/* The record's list with one directory. */
__attribute__((unused)) static struct spec_cgroup_directory_list scene_list(
	struct spec_cgroup_directory *directory, const char *path)
{
	*directory = (struct spec_cgroup_directory){
		.path = path, .made = {true, true}, .parents = {true, 9}};
	return (struct spec_cgroup_directory_list){1, true, directory};
}

__attribute__((unused)) static bool scene_remove(const char *path)
{
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};

	if (cgroup_remove(&list, PATIENCE, &err) == 0)
		return true;
	printf("# %s\n", err.message);
	return false;
}

__attribute__((unused)) static bool scene_write(
	const char *directory, const char *file, const char *text)
{
	char path[PATH_MAX];
	bool written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return written;
}

/* The content of a file, without its last newline; "" when it cannot be read. Valid until the next
 * call. */
__attribute__((unused)) static const char *scene_read(const char *directory, const char *file)
{
	static char text[4096];
	char path[PATH_MAX];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	if (fd >= 0)
		close(fd);
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* Moves this process, which has one thread, into a cgroup: on v1 as the gate does. */
__attribute__((unused)) static bool scene_enter(const char *directory)
{
	return scene_write(directory, "tasks", "0") || scene_write(directory, "cgroup.procs", "0");
}

/* Runs body in a child and returns its exit status, 128 + N when signal N ended it. */
__attribute__((unused)) static int scene_child(int (*body)(void *), void *context)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body(context));
	while (pid < 0 || waitpid(pid, &status, 0) < 0)
		if (pid < 0 || errno != EINTR)
			return 255;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A process that sits in the cgroup until it is killed; it is there when this returns. */
__attribute__((unused)) static pid_t scene_sleeper(const char *directory)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (scene_enter(directory) && write(ready[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(255);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		printf("# %d cannot enter %s\n", pid, directory);
	close(ready[0]);
	return pid;
}

/* The signal that ended a child, 0 when it exited, -1 when it is none. */
__attribute__((unused)) static int scene_signal(pid_t pid)
{
	int status;

	while (pid <= 0 || waitpid(pid, &status, 0) < 0)
		if (pid <= 0 || errno != EINTR)
			return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* A fork that failed is nobody to kill: kill(-1) would end every process of the machine. */
__attribute__((unused)) static void scene_kill(pid_t pid)
{
	if (pid > 0)
		kill(pid, SIGKILL);
}

/* Kills a child and reaps it. */
__attribute__((unused)) static void scene_end(pid_t pid)
{
	scene_kill(pid);
	scene_signal(pid);
}

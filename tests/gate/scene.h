/*
 * The scene of the filesystem tests: a mount namespace of the test's own, in which /mnt is a tmpfs
 * with a container's root, /mnt/root, and next to it, on another filesystem, /mnt/outside, which
 * nothing may ever touch. The functions under test are the gate's, on a gate that has only this
 * root.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/syscalls.h"
#include "tests/unit/tap.h"

#define ROOT "/mnt/root"
#define OUTSIDE "/mnt/outside"

static struct {
	_Alignas(8) char plan[1 << 16];
	uint32_t used;
	char detail[WIRE_DETAIL];
} scene = {.used = sizeof(struct plan)};

/* Enters the scene, or ends the program with one skipped test. */
__attribute__((unused)) static void scene_enter(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0) {
		skip("everything", "needs root and a mount namespace");
		exit(tap_end());
	}
	umask(0);
	if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
		mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") < 0 || mkdir(ROOT, 0755) < 0 ||
		mkdir(OUTSIDE, 0755) < 0 || mount("tmpfs", OUTSIDE, "tmpfs", 0, "mode=755") < 0) {
		ok(0, "the scene can be set: %s", strerror(errno));
		exit(tap_end());
	}
}

/* A gate with the root at path. */
__attribute__((unused)) static struct gate gate_at(const char *path)
{
	struct gate gate = GATE_NONE;

	gate.root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	gate.plan = (const struct plan *)scene.plan;
	gate.detail = scene.detail;
	return gate;
}

/* A string as steps hold it. */
__attribute__((unused)) static plan_text text(const char *string)
{
	plan_text at = {scene.used};

	if (string == NULL)
		return (plan_text){PLAN_ABSENT};
	if (strlen(string) >= sizeof(scene.plan) - scene.used)
		abort();
	strcpy(scene.plan + scene.used, string);
	scene.used += (uint32_t)strlen(string) + 1;
	return at;
}

/* A list of one or two strings. */
__attribute__((unused)) static plan_list list(const char *first, const char *second)
{
	plan_text items[2] = {text(first), text(second)};
	plan_list list = {(scene.used + 7) & ~7U, second == NULL ? 1 : 2};

	memcpy(scene.plan + list.at, items, sizeof(items));
	scene.used = list.at + sizeof(items);
	return list;
}

/* The gate of the test, and steps of it. */
__attribute__((unused)) static struct gate gate;

/* A mount step with nothing but these. */
__attribute__((unused)) static struct step_mount mount_step(
	const char *source, const char *target, const char *type, const char *data)
{
	return (struct step_mount){
		.source = text(source),
		.target = text(target),
		.type = text(type),
		.data = text(data),
		.idmap = -1,
	};
}

__attribute__((unused)) static int mounted(struct step_mount s)
{
	gate.detail[0] = '\0';
	return gate_mount(&gate, &s);
}

__attribute__((unused)) static struct step_mount bind_step(const char *source, const char *target)
{
	struct step_mount s = mount_step(source, target, NULL, NULL);

	s.extras = PLAN_MOUNT_BIND;
	return s;
}

__attribute__((unused)) static struct step_mount tmpfs_step(const char *target, const char *data)
{
	return mount_step("tmpfs", target, "tmpfs", data);
}

/* Files of the tree under test, by their host path. */
__attribute__((unused)) static void link_make_at(const char *path, const char *target)
{
	if (symlink(target, path) < 0)
		perror(path);
}

__attribute__((unused)) static void file_write(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		perror(path);
	close(fd);
}

__attribute__((unused)) static const char *file_read(const char *path)
{
	static char content[1 << 16];
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, content, sizeof(content) - 1);

	if (fd >= 0)
		close(fd);
	content[length < 0 ? 0 : length] = '\0';
	return length < 0 ? NULL : content;
}

__attribute__((unused)) static mode_t file_mode(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

/* The line of /proc/self/mountinfo for the topmost mount at path, or NULL. */
__attribute__((unused)) static const char *mount_line(const char *path)
{
	static char found[4096];
	char line[4096], point[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	found[0] = '\0';
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 && strcmp(point, path) == 0)
			strcpy(found, line);
	if (file != NULL)
		fclose(file);
	return found[0] == '\0' ? NULL : found;
}

/* True if the topmost mount at path is shown with this word (" shared:", "noexec", "- tmpfs"). */
__attribute__((unused)) static bool mount_shows(const char *path, const char *word)
{
	const char *line = mount_line(path);

	return line != NULL && strstr(line, word) != NULL;
}

/* Nothing is in OUTSIDE, and nothing is mounted on it but its own filesystem. */
__attribute__((unused)) static bool outside_untouched(void)
{
	DIR *directory = opendir(OUTSIDE);
	int entries = 0;

	while (directory != NULL && readdir(directory) != NULL)
		entries++;
	if (directory != NULL)
		closedir(directory);
	return entries == 2; /* "." and ".." */
}

/* Removes a file or a tree. */
__attribute__((unused)) static void tree_remove(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", "--one-file-system", path, NULL);
		_exit(EXIT_FAILURE);
	}
	waitpid(pid, NULL, 0);
}

/* Runs a part of the test, which needs a process of its own, and goes on counting where that ends.
 */
__attribute__((unused)) static void in_child(void (*part)(void))
{
	__typeof__(tap) *counts =
		mmap(NULL, sizeof(tap), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		part();
		*counts = tap;
		_exit(EXIT_SUCCESS);
	}
	waitpid(pid, &status, 0);
	if (status == 0)
		tap = *counts;
	else
		ok(0, "a part of the test ended with status %d", status);
	munmap(counts, sizeof(tap));
}

/* From now on a system call answers ENOSYS, as on a kernel that does not have it. */
__attribute__((unused)) static bool syscall_remove(long number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = array_size(code), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

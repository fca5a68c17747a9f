/*
 * What is mounted is in the plan: a bind mount shows something of the host, and so may a device;
 * what covers a masked file is the null device. The name of such a mount in the images is the place
 * where it is, as other runtimes have it, so that their images are read as well.
 */
#include "runtime/criu/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/resolve.h"
#include "runtime/criu/criu.h"

#define NULL_DEVICE "/dev/null"

/* A path below the root with its symbolic links followed; itself when it leads nowhere. */
static const char *place_of(int root, const char *path, struct arena *arena)
{
	auto_fd int fd = resolve_open(root, path, O_PATH, 0);
	char name[40], place[PATH_MAX], above[PATH_MAX];
	ssize_t length, skip;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	length = fd < 0 ? -1 : readlink(name, place, sizeof(place));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", root);
	skip = readlink(name, above, sizeof(above));
	if (skip == 1) /* the root of another mount namespace */
		skip = 0;
	if (length <= skip || length == sizeof(place) || memcmp(place, above, (size_t)skip) != 0)
		return path;
	path = arena_copy(arena, place + skip, (size_t)(length - skip));
	return path ? path : "";
}

static void mount_add(
	struct protobuf *options, const char *key, const char *value, struct arena *arena)
{
	struct protobuf mount = {.arena = arena};

	protobuf_text(&mount, CRIU_external_mount_key, key);
	protobuf_text(&mount, CRIU_external_mount_value, value);
	protobuf_message(options, CRIU_options_external_mount, &mount);
}

static bool is_bind(const struct step_mount *mount)
{
	return (mount->extras & PLAN_MOUNT_BIND) && !(mount->extras & PLAN_MOUNT_REMOUNT);
}

static bool is_file(int root, const char *path)
{
	auto_fd int fd = resolve_open(root, path, O_PATH, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
}

void criu_mounts_dump(
	struct protobuf *options, const struct plan *plan, int root, struct arena *arena)
{
	for (uint32_t i = plan->gate; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const void *arguments = plan_arguments(plan, step);
		const char *place = NULL;

		if (step->kind == STEP_mount && is_bind(arguments))
			place = place_of(root,
				plan_string(plan, ((const struct step_mount *)arguments)->target),
				arena);
		if (step->kind == STEP_device)
			place = plan_string(plan, ((const struct step_device *)arguments)->path);
		if (place)
			mount_add(options, place, place, arena);
		if (step->kind != STEP_mask)
			continue;
		place = plan_string(plan, ((const struct step_mask *)arguments)->path);
		if (is_file(root, place))
			mount_add(options, place, NULL_DEVICE, arena);
	}
}

void criu_mounts_restore(
	struct protobuf *options, const struct plan *plan, int root, struct arena *arena)
{
	bool masked = false;

	for (uint32_t i = plan->gate; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const void *arguments = plan_arguments(plan, step);
		const struct step_mount *mount = arguments;

		if (step->kind == STEP_mount && is_bind(mount))
			mount_add(options, place_of(root, plan_string(plan, mount->target), arena),
				plan_string(plan, mount->source), arena);
		if (step->kind == STEP_device) {
			const char *path =
				plan_string(plan, ((const struct step_device *)arguments)->path);

			mount_add(options, path, path, arena);
			masked |= strcmp(path, NULL_DEVICE) == 0;
		}
	}
	if (!masked)
		mount_add(options, NULL_DEVICE, NULL_DEVICE, arena);
}

/* True when the step's mount point lies in a filesystem that CRIU fills by itself. */
static bool is_inside(const struct plan *plan, uint32_t index)
{
	const struct step_mount *mount = plan_arguments(plan, &plan_steps(plan)[index]);
	const char *target = plan_string(plan, mount->target);

	for (uint32_t i = plan->gate; i < index; i++) {
		const struct step_mount *above = plan_arguments(plan, &plan_steps(plan)[i]);
		const char *path;
		size_t length;

		if (plan_steps(plan)[i].kind != STEP_mount || is_bind(above))
			continue;
		path = plan_string(plan, above->target);
		length = strlen(path);
		if (strncmp(path, target, length) == 0 && target[length] == '/')
			return true;
	}
	return false;
}

static int point_make(const struct plan *plan, const struct step_mount *step, int root)
{
	const char *source = plan_string(plan, step->source);
	bool bind = is_bind(step);
	auto_fd int point = -1;
	char name[40];
	struct stat st;

	if (bind && stat(source, &st) < 0)
		return -errno;
	point = resolve_make(root, plan_string(plan, step->target),
		bind && !S_ISDIR(st.st_mode) ? S_IFREG : S_IFDIR, 0, NULL);
	if (point < 0 || !bind)
		return point < 0 ? point : 0;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", point);
	return mount(source, name, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

/* In a process of its own. *failed: the target of the mount. */
static int points_make(const struct plan *plan, const char *rootfs, uint32_t *failed)
{
	int root, result = 0;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	root = openat(AT_FDCWD, rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	for (uint32_t i = plan->gate; i < plan->step_count && result == 0; i++) {
		const struct step_mount *step = plan_arguments(plan, &plan_steps(plan)[i]);

		if (plan_steps(plan)[i].kind != STEP_mount ||
			(step->extras & (PLAN_MOUNT_REMOUNT | PLAN_MOUNT_COPY_SYMLINK)) ||
			is_inside(plan, i))
			continue;
		*failed = step->target.at;
		result = point_make(plan, step, root);
	}
	return result;
}

int criu_mounts_prepare(const struct plan *plan, const char *rootfs, struct error *err)
{
	struct {
		int number;
		uint32_t target;
	} told = {EPIPE, PLAN_ABSENT};
	plan_text target = {0};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	pid = fork();
	if (pid == 0) {
		told.number = -points_make(plan, rootfs, &told.target);
		_exit(write(ends[1], &told, sizeof(told)) != sizeof(told));
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &told, sizeof(told)) < 0)
		told.number = errno;
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (told.number == 0)
		return 0;
	target.at = told.target;
	return error_set(err, ERROR_CRIU, told.number, "cannot make the mount point %s in %s: %s",
		target.at == PLAN_ABSENT ? "" : plan_string(plan, target), rootfs,
		strerror(told.number));
}

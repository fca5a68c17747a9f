/*
 * The mount step. Each mount is made detached, attached exactly once, to a descriptor that the
 * resolver has found below the root (CVE-2021-30465), and finished through its own descriptor: no
 * path of the container is looked up twice, and nothing detached is left whose end would cost a
 * grace period.
 */
#include "nsexec/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

/* proc and sysfs carry the masks: a link in their path would put them elsewhere. */
static int type_is_literal(const char *type)
{
	return type != NULL && (strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0);
}

/* The container's root itself: every part is "." or "..". */
static int path_is_root(const char *path)
{
	return path[strspn(path, "./")] == '\0';
}

int mount_target(struct gate *gate, const struct step_mount *s, unsigned int type, int *made)
{
	const char *path = plan_string(gate->plan, s->target);
	uint64_t constraints = 0;
	int fd;

	/* CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc is /proc, not where a link leads.
	 */
	if (type_is_literal(plan_string(gate->plan, s->type)) && !(s->extras & PLAN_MOUNT_BIND))
		constraints = RESOLVE_NO_SYMLINKS;
	if (s->extras & PLAN_MOUNT_TARGET_NOFOLLOW)
		fd = resolve_open(gate->root, path, O_PATH | O_NOFOLLOW, constraints);
	else
		fd = resolve_make(gate->root, path, type, constraints, made);
	return fd < 0 ? gate_failed(gate, WIRE_CALL_resolve, fd, path) : fd;
}

/* The kernel says EINVAL for many things; a file on a directory is the one that a user can mend. */
static int attach_failed(struct gate *gate, int error, int mount, int target, const char *path)
{
	struct stat from, to;

	if (fstat(mount, &from) == 0 && fstat(target, &to) == 0 &&
		S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode))
		return gate_failed(gate, WIRE_CALL_type_mismatch,
			S_ISDIR(to.st_mode) ? EISDIR : ENOTDIR, path);
	return gate_failed(gate, WIRE_CALL_mount_attach, error, path);
}

int mount_attach(struct gate *gate, int mount, int target, const char *path)
{
	if (sys_move_mount(
		    mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return attach_failed(gate, errno, mount, target, path);
	return 0;
}

/* Keeps the mount for the pivot, which makes it read-only. */
static int mount_keep_late(struct gate *gate, int *mount)
{
	if (gate->late_count == array_size(gate->late))
		return 0;
	gate->late[gate->late_count] = fcntl(*mount, F_DUPFD_CLOEXEC, 3);
	if (gate->late[gate->late_count] < 0)
		return -errno;
	gate->late_count++;
	return 1;
}

int mount_finish(
	struct gate *gate, const struct step_mount *s, int *mount, unsigned int at, uint64_t set)
{
	const char *path = plan_string(gate->plan, s->target);
	int error = 0;

	if (s->extras & PLAN_MOUNT_READONLY_LATE) {
		int kept = mount_keep_late(gate, mount);

		if (kept < 0)
			return gate_failed(gate, WIRE_CALL_mount_attributes, kept, path);
		set = kept ? set & ~(uint64_t)MOUNT_ATTR_RDONLY : set | MOUNT_ATTR_RDONLY;
	}
	if (set != 0 || s->clear != 0)
		error = attributes_set(gate, *mount, at, set, s->clear, path);
	if (error == 0 && (s->rset != 0 || s->rclear != 0))
		error = attributes_set(gate, *mount, AT_RECURSIVE, s->rset, s->rclear, path);
	if (error == 0)
		error = propagation_set_words(gate, *mount, s->propagation, path);
	if (error == 0 && path_is_root(path)) {
		close(gate->root);
		gate->root = fd_take(mount);
	}
	return error;
}

int mount_late(struct gate *gate)
{
	int error = 0;

	while (gate->late_count > 0 && error == 0) {
		auto_fd int mount = gate->late[--gate->late_count];

		error = attributes_set(gate, mount, 0, MOUNT_ATTR_RDONLY, 0, "");
	}
	return error;
}

int gate_mount(struct gate *gate, const struct step_mount *s)
{
	parent_forget(gate);
	if (s->extras & PLAN_MOUNT_REMOUNT)
		return mount_again(gate, s);
	if (s->extras & PLAN_MOUNT_BIND)
		return mount_bind(gate, s);
	return mount_new(gate, s);
}

/*
 * Masked paths are covered: files by the null device, directories by an empty read-only tmpfs.
 * There is one such tmpfs: the first masked directory gets it, the others clones of it. Read-only
 * paths are covered by themselves. All of it through descriptors, after the root has changed.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/mount.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

#define CLONE (OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)

/* A path that is not there needs no cover. */
static int missing(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* CVE-2025-31133: a /dev/null that is a link or another file would show that file on each mask. */
int gate_null(struct gate *gate)
{
	auto_fd int fd = -1;
	struct stat st;

	if (gate->null >= 0)
		return gate->null;
	fd = resolve_open(gate->root, "/dev/null", O_PATH | O_NOFOLLOW, 0);
	if (fd < 0)
		return gate_failed(gate, WIRE_CALL_open, fd, "/dev/null");
	if (fstat(fd, &st) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/dev/null");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return gate_failed(gate, WIRE_CALL_type_mismatch, ENODEV, "/dev/null");
	gate->null = fd_take(&fd);
	return gate->null;
}

/* The first one: a new tmpfs, empty and read-only for good. */
static int empty_make(void)
{
	auto_late int context = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);
	int fd;

	if (context < 0 || sys_fsconfig(context, FSCONFIG_SET_STRING, "mode", "0555", 0) < 0 ||
		sys_fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
		sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = sys_fsmount(context, FSMOUNT_CLOEXEC,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

static int mask_directory(struct gate *gate, int target, const char *path)
{
	auto_late int cover = -1;
	int error;

	if (gate->empty >= 0) {
		cover = sys_open_tree(gate->empty, "", CLONE);
		if (cover < 0)
			return gate_failed(gate, WIRE_CALL_clone_tree, 0, path);
		return mount_attach_on(gate, cover, target, path);
	}
	cover = empty_make();
	if (cover < 0)
		return gate_failed(gate, WIRE_CALL_mount_type, cover, "tmpfs");
	error = mount_attach_on(gate, cover, target, path);
	if (error == 0)
		gate->empty = fd_take(&cover);
	return error;
}

static int mask_file(struct gate *gate, int target, const char *path)
{
	auto_late int cover = -1;
	int null = gate_null(gate);

	if (null < 0)
		return null;
	cover = sys_open_tree(null, "", CLONE);
	if (cover < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, "/dev/null");
	return mount_attach_on(gate, cover, target, path);
}

int gate_mask(struct gate *gate, const struct step_mask *s)
{
	const char *path = plan_string(gate->plan, s->path);
	auto_late int target = resolve_open(gate->root, path, O_PATH, 0);
	struct stat st;

	if (missing(target))
		return 0;
	if (target < 0)
		return gate_failed(gate, WIRE_CALL_resolve, target, path);
	if (fstat(target, &st) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, path);
	return S_ISDIR(st.st_mode) ? mask_directory(gate, target, path)
				   : mask_file(gate, target, path);
}

int gate_readonly(struct gate *gate, const struct step_readonly *s)
{
	const char *path = plan_string(gate->plan, s->path);
	auto_late int target = resolve_open(gate->root, path, O_PATH, 0), cover = -1;
	int error;

	if (missing(target))
		return 0;
	if (target < 0)
		return gate_failed(gate, WIRE_CALL_resolve, target, path);
	cover = sys_open_tree(target, "", CLONE | AT_RECURSIVE);
	if (cover < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, path);
	error = mount_attach_on(gate, cover, target, path);
	return error < 0 ? error : attributes_set(gate, cover, 0, MOUNT_ATTR_RDONLY, 0, path);
}

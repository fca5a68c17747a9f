/*
 * The container's root: the bundle's directory, cloned with what is mounted below it, on top of
 * itself, so that it is a mount that can become "/". The mount below it is never shared with the
 * host: nothing that is mounted from now on is seen outside.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/mount.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

int gate_propagation(struct gate *gate, const struct step_propagation *s)
{
	gate->shared = (s->flags & MS_SHARED) || !(s->flags & MS_REC);
	if (mount(NULL, "/", NULL, s->flags, NULL) < 0)
		return gate_failed(gate, WIRE_CALL_mount_propagation, 0, "/");
	return 0;
}

/* Makes the mount that a directory lies on private: its root is found by going up. */
static int lower_private(struct gate *gate, int directory, const char *path)
{
	auto_fd int at = openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error;

	while ((error = propagation_set(gate, at, MS_PRIVATE, path)) == -EINVAL) {
		int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (above < 0)
			return gate_failed(gate, WIRE_CALL_open, 0, path);
		close(at);
		at = above;
	}
	return error;
}

int gate_rootfs(struct gate *gate, const struct step_rootfs *s)
{
	const char *path = plan_string(gate->plan, s->path);
	auto_fd int host = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int root = -1;
	int error;

	if (host < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, path);
	if (s->bare) {
		gate->root = fd_take(&host);
		return 0;
	}
	root = sys_open_tree(
		host, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (root < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, path);
	error = gate->shared ? lower_private(gate, host, path) : 0;
	if (error == 0)
		error = mount_attach_on(gate, root, host, path);
	if (error == 0 && s->propagation != 0)
		error = propagation_set(gate, root, s->propagation, path);
	if (error == 0)
		gate->root = fd_take(&root);
	return error;
}

/*
 * The old root lies on the new one afterwards, and is taken off with all its mounts at once. The
 * working directory is and stays the new root.
 */
static int root_pivot(struct gate *gate)
{
	auto_fd int old =
		gate->shared ? openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int error = 0;

	if (sys_pivot_root(".", ".") < 0)
		return -errno;
	/* What is still shared with the host must not be unmounted there. */
	if (gate->shared)
		error = propagation_set(gate, old, MS_SLAVE | MS_REC, "/");
	if (error == 0 && umount2(".", MNT_DETACH) < 0)
		error = -errno;
	return error;
}

/*
 * What lies below a covered root still counts for the kernel: as long as a whole procfs or sysfs is
 * there, a user namespace inside the container may mount another without its masks. Who may not
 * take it off (it is locked) hides it under an empty filesystem.
 */
static int host_filesystem_hide(const char *path)
{
	int taken = 0;

	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		taken = 1;
	if (taken || errno == ENOENT)
		return 0;
	return mount("tmpfs", path, "tmpfs", MS_RDONLY, NULL) < 0 ? -errno : 0;
}

/* pivot_root(2) cannot leave the initial ramdisk: its root is covered instead. */
static int root_cover(struct gate *gate)
{
	static const char *const whole[] = {"/proc", "/sys"};
	auto_fd int old =
		gate->shared ? openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	/* What is still shared with the host must not be unmounted there. */
	int error = gate->shared ? propagation_set(gate, old, MS_SLAVE | MS_REC, "/") : 0;

	for (size_t i = 0; error == 0 && i < array_size(whole); i++)
		error = host_filesystem_hide(whole[i]);
	if (error == 0 &&
		(sys_move_mount(gate->root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
			chroot(".") < 0 || chdir("/") < 0))
		error = -errno;
	return error;
}

int gate_pivot(struct gate *gate, const struct step_pivot *s)
{
	int error = mount_late(gate);

	parent_forget(gate);
	if (error < 0)
		return error;
	if (fchdir(gate->root) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/");
	error = s->chroot ? root_cover(gate) : root_pivot(gate);
	if (error < 0)
		return gate_failed(gate, WIRE_CALL_mount_attach, error, "/");
	gate->pivoted = 1;
	if (s->propagation != 0)
		error = propagation_set(gate, gate->root, s->propagation, "/");
	return error;
}

int gate_confine(struct gate *gate, const struct step_confine *s)
{
	parent_forget(gate);
	if (fchdir(gate->root) < 0 || chroot(".") < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	gate->pivoted = 1;
	return 0;
}

int gate_root_readonly(struct gate *gate, const struct step_root_readonly *s)
{
	const char *cwd = plan_string(gate->plan, s->cwd);
	/* Whether it is there is for the step that enters it to say. */
	auto_late int made = cwd != NULL ? resolve_make(gate->root, cwd, S_IFDIR, 0, NULL) : -1;

	return attributes_set(gate, gate->root, 0, MOUNT_ATTR_RDONLY, 0, "/");
}

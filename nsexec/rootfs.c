/*
 * The container's root: the bundle's directory, cloned with what is mounted below it, on top of
 * itself, so that it is a mount that can become "/". The host's tree is a slave or private before
 * that: nothing that happens from now on is seen outside.
 */
#include <sys/mount.h>

#include <errno.h>
#include <fcntl.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/mount.h"
#include "nsexec/parent.h"
#include "nsexec/syscalls.h"

int gate_propagation(struct gate *gate, const struct step_propagation *s)
{
	auto_fd int root = -1;

	/* Everything that is mounted would appear on the host, and pivot_root would refuse. */
	if (!(s->flags & (MS_SLAVE | MS_PRIVATE)))
		return gate_failed(gate, WIRE_CALL_mount_propagation, EINVAL, "/");
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/");
	return propagation_set(gate, root, s->flags, "/");
}

int gate_rootfs(struct gate *gate, const struct step_rootfs *s)
{
	const char *path = plan_string(gate->plan, s->path);
	auto_fd int host = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int root = -1;
	int error;

	if (host < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, path);
	root = sys_open_tree(
		host, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (root < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, path);
	error = mount_attach(gate, root, host, path);
	if (error == 0 && s->propagation != 0)
		error = propagation_set(gate, root, s->propagation, path);
	if (error == 0)
		gate->root = fd_take(&root);
	return error;
}

/* The old root lies on the new one afterwards, and is taken off with all its mounts at once. */
static int root_pivot(void)
{
	if (sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return -errno;
	return 0;
}

/* pivot_root(2) cannot leave the initial ramdisk: its root is covered instead. */
static int root_cover(int root)
{
	if (sys_move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

int gate_pivot(struct gate *gate, const struct step_pivot *s)
{
	int error = mount_late(gate);

	parent_forget(gate);
	if (error < 0)
		return error;
	if (fchdir(gate->root) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/");
	error = s->chroot ? root_cover(gate->root) : root_pivot();
	if (error == 0 && chdir("/") < 0)
		error = -errno;
	if (error < 0)
		return gate_failed(gate, WIRE_CALL_mount_attach, error, "/");
	gate->pivoted = 1;
	if (s->propagation != 0)
		error = propagation_set(gate, gate->root, s->propagation, "/");
	return error;
}

int gate_root_readonly(struct gate *gate, const struct step_root_readonly *s)
{
	return attributes_set(gate, gate->root, 0, MOUNT_ATTR_RDONLY, 0, "/");
}

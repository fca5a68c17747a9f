/*
 * Device nodes: made directly below the descriptor of a resolved directory, so that neither the
 * directory nor the name can lead out of the root (CVE-2026-41579). In a user namespace, where
 * nodes cannot be made, the host's node is bound on an empty file.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "nsexec/cleanup.h"
#include "nsexec/mount.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

static int node_matches(const struct stat *st, const struct step_device *s, dev_t number)
{
	if ((st->st_mode & S_IFMT) != s->type)
		return 0;
	return s->type == S_IFIFO || st->st_rdev == number;
}

/* Gives a new node its owner, through a descriptor that is known to be that node. */
static int node_own(int directory, const char *name, const struct step_device *s, dev_t number)
{
	auto_fd int node = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (node < 0 || fstat(node, &st) < 0)
		return -errno;
	if (!node_matches(&st, s, number))
		return -EEXIST;
	if (fchownat(node, "", (uid_t)s->uid, (gid_t)s->gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* The same node on the host, bound here. */
static int node_bind(struct gate *gate, const char *path, const struct step_device *s, dev_t number)
{
	auto_fd int tree = -1, target = -1;
	struct stat st;

	tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || fstat(tree, &st) < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, path);
	if (!node_matches(&st, s, number))
		return gate_failed(gate, WIRE_CALL_type_mismatch, ENODEV, path);
	target = resolve_make(gate->root, path, S_IFREG, 0, NULL);
	if (target < 0)
		return gate_failed(gate, WIRE_CALL_resolve, target, path);
	return mount_attach_on(gate, tree, target, path);
}

int gate_device(struct gate *gate, const struct step_device *s)
{
	const char *name, *path = plan_string(gate->plan, s->path);
	dev_t number =
		s->type == S_IFIFO ? 0 : makedev((unsigned int)s->major, (unsigned int)s->minor);
	int directory, error = 0;
	struct stat st;

	if (s->bind && s->type != S_IFIFO)
		return node_bind(gate, path, s, number);
	directory = parent_open(gate, path, &name);
	if (directory < 0)
		return directory;
	if (mknodat(directory, name, (mode_t)(s->type | s->mode), number) == 0) {
		if (s->uid != 0 || s->gid != 0)
			error = node_own(directory, name, s, number);
		return error < 0 ? gate_failed(gate, WIRE_CALL_create, error, path) : 0;
	}
	if (errno == EPERM && s->type != S_IFIFO)
		return node_bind(gate, path, s, number);
	if (errno != EEXIST)
		return gate_failed(gate, WIRE_CALL_create, 0, path);
	/* What is there already is the node, or the container cannot have it. */
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !node_matches(&st, s, number))
		return gate_failed(gate, WIRE_CALL_exists, EEXIST, path);
	return 0;
}

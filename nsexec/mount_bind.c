/*
 * Bind mounts: a clone of the source's tree, whose ids may be mapped only while it is detached,
 * attached to the resolved target. The source is the host's and is found as the host finds it.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/link.h"
#include "nsexec/mount.h"
#include "nsexec/syscalls.h"

/* Maps the clone's ids if the step has a user namespace for that. */
static int bind_map(struct gate *gate, const struct step_mount *s, int tree, const char *path)
{
	if (s->idmap < 0 || s->tree > 0)
		return 0;
	return attributes_map(gate, tree, s->extras & PLAN_MOUNT_IDMAP_RECURSIVE ? AT_RECURSIVE : 0,
		gate->fds[s->idmap], path);
}

int mount_bind_source(
	struct gate *gate, const struct step_mount *s, const char *source, unsigned int at)
{
	const char *path = plan_string(gate->plan, s->target);
	auto_place struct mount_place place = MOUNT_PLACE_NONE;
	auto_late int tree = -1;
	struct stat st;
	int error;

	tree = s->tree > 0 ? gate_tree_take(gate, s->tree)
			   : sys_open_tree(AT_FDCWD, source, plan_bind_flags(s->extras) | at);
	if (tree < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, source);
	if (fstat(tree, &st) < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, source);
	error = mount_place_find(gate, s, S_ISDIR(st.st_mode) ? S_IFDIR : S_IFREG, &place);
	if (error == 0)
		error = bind_map(gate, s, tree, path);
	if (error == 0)
		error = mount_attach(gate, tree, &place, path);
	return error < 0 ? error : mount_finish(gate, s, &tree, at);
}

int mount_bind(struct gate *gate, const struct step_mount *s)
{
	const char *source = plan_string(gate->plan, s->source);
	char text[PATH_MAX];

	if (s->extras & PLAN_MOUNT_COPY_SYMLINK) {
		ssize_t length = readlink(source, text, sizeof(text) - 1);

		if (length >= 0) {
			text[length] = '\0';
			return link_make(gate, plan_string(gate->plan, s->target), text, 1);
		}
	}
	return mount_bind_source(gate, s, source, 0);
}

/*
 * The mount step. Each mount is made detached, attached exactly once, at a place that the resolver
 * has found below the root (CVE-2021-30465), and finished through its own descriptor: no path of
 * the container is looked up twice, and nothing detached is left whose end would cost a grace
 * period.
 */
#include "nsexec/mount.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

/* The container's root itself: every part is empty, "." or "..". */
static int path_is_root(const char *path)
{
	for (size_t length; *path != '\0'; path += length + (path[length] == '/')) {
		length = strcspn(path, "/");
		if (length > 2 || strspn(path, ".") < length)
			return 0;
	}
	return 1;
}

int mount_finish(struct gate *gate, const struct step_mount *s, int *mount, unsigned int at)
{
	const char *path = plan_string(gate->plan, s->target);
	int root = path_is_root(path), late = 0, error = 0;
	uint64_t set = s->set;

	if ((s->extras & PLAN_MOUNT_READONLY_LATE) && gate->late_count < array_size(gate->late)) {
		late = 1;
		set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	if (set != 0 || s->clear != 0)
		error = attributes_set(gate, *mount, at, set, s->clear, path);
	if (error == 0 && (s->rset != 0 || s->rclear != 0))
		error = attributes_set(gate, *mount, AT_RECURSIVE, s->rset, s->rclear, path);
	if (error == 0)
		error = propagation_set_words(gate, *mount, s->propagation, path);
	if (error < 0)
		return error;
	if (late)
		gate->late[gate->late_count++] = *mount;
	if (root)
		gate->root = *mount;
	if (late || root)
		fd_take(mount);
	return 0;
}

void mount_late_forget(struct gate *gate, int mount)
{
	uint64_t id, waiting;

	if (gate->late_count == 0 || sys_mount_id(mount, &id) < 0)
		return;
	for (uint32_t i = gate->late_count; i > 0; i--)
		if (sys_mount_id(gate->late[i - 1], &waiting) == 0 && waiting == id)
			gate->late[i - 1] = gate->late[--gate->late_count];
}

int mount_late(struct gate *gate)
{
	int error = 0;

	for (; gate->late_count > 0 && error == 0; gate->late_count--)
		error = attributes_set(
			gate, gate->late[gate->late_count - 1], 0, MOUNT_ATTR_RDONLY, 0, "");
	return error;
}

int gate_mount_label(struct gate *gate, const struct step_mount_label *s)
{
	const char *path = plan_string(gate->plan, s->target);
	const char *value = plan_string(gate->plan, s->value);
	auto_late int fd = resolve_open(gate->root, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return gate_failed(gate, WIRE_CALL_resolve, fd, path);
	return fsetxattr(fd, "security.selinux", value, strlen(value) + 1, 0) < 0
		? gate_failed(gate, WIRE_CALL_mount_attributes, 0, path)
		: 0;
}

int gate_mount(struct gate *gate, const struct step_mount *s)
{
	if (s->extras & PLAN_MOUNT_REMOUNT)
		return mount_again(gate, s);
	if (s->extras & PLAN_MOUNT_BIND)
		return mount_bind(gate, s);
	return mount_new(gate, s);
}

/*
 * New filesystems, and new options for one that is mounted: a filesystem context (fsopen, fspick),
 * filled option by option, so that the one that is refused can be named. What a context cannot take
 * (entries of 256 bytes and more: overlays with many layers) goes through mount(2) as a whole.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/mount.h"
#include "nsexec/options.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"
#include "nsexec/tree_copy.h"

/* What fsmount(2) takes on every kernel that we run on. */
#define ATTRIBUTES_AT_ONCE \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
		MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME)

static int type_is(struct gate *gate, const struct step_mount *s, const char *type)
{
	return strcmp(plan_string(gate->plan, s->type), type) == 0;
}

/* Read-only attributes wait where something is still to be written into the filesystem. */
static uint64_t attributes_at_once(const struct step_mount *s)
{
	uint64_t set = s->set & ATTRIBUTES_AT_ONCE;

	if (s->extras & (PLAN_MOUNT_READONLY_LATE | PLAN_MOUNT_TMPCOPYUP))
		set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	return set;
}

/* A tmpfs without a mode of its own looks like the directory that it covers. */
static int set_covered_mode(struct gate *gate, const struct step_mount *s, int context, int covered)
{
	char mode[] = "0000";
	struct stat st;

	if (!type_is(gate, s, "tmpfs") || options_have(plan_string(gate->plan, s->data), "mode"))
		return 0;
	if (fstat(covered, &st) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, plan_string(gate->plan, s->target));
	for (unsigned int i = 0; i < 4; i++)
		mode[i] = (char)('0' + (st.st_mode >> (9 - 3 * i) & 7));
	return options_set(gate, context, "mode", mode);
}

/* Fills the context and makes the superblock. */
static int context_create(
	struct gate *gate, const struct step_mount *s, int context, const struct mount_place *place)
{
	const char *source = plan_string(gate->plan, s->source);
	const char *type = plan_string(gate->plan, s->type);
	int error = 0;

	if (source != NULL && source[0] != '\0')
		error = options_set(gate, context, "source", source);
	if (error == 0)
		error = options_set_all(gate, context, s->flags, plan_string(gate->plan, s->data));
	if (error == 0 && !place->made)
		error = set_covered_mode(gate, s, context, place->fd);
	if (error == 0 && sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		error = gate_failed(gate, WIRE_CALL_mount_type, 0, type);
	return error;
}

/* A procfs of our own making is the best handle there is; it is kept if sysctls can be written. */
static void keep_proc(struct gate *gate, const struct step_mount *s, int *mount)
{
	if (!type_is(gate, s, "proc") || (s->set & MOUNT_ATTR_RDONLY) ||
		options_have(plan_string(gate->plan, s->data), "subset"))
		return;
	fd_cleanup(&gate->proc);
	gate->proc = fd_take(mount);
}

/* What is left to do for a new mount that has some attributes already. */
static struct step_mount step_without(const struct step_mount *s, uint64_t attributes)
{
	struct step_mount rest = *s;

	rest.set &= ~attributes;
	rest.clear = 0;
	return rest;
}

/* True when mount(2) can do at once all that the step asks for. */
static int step_is_plain(struct gate *gate, const struct step_mount *s)
{
	return (s->set & ~(uint64_t)ATTRIBUTES_AT_ONCE) == 0 && s->rset == 0 && s->rclear == 0 &&
		s->propagation.count == 0 && s->idmap < 0 && !type_is(gate, s, "proc") &&
		!(s->extras & (PLAN_MOUNT_READONLY_LATE | PLAN_MOUNT_TMPCOPYUP));
}

/*
 * The short way: in a filesystem of our own, which nobody else can see yet, a name that we have
 * just made is no link, and one call makes the mount. True when it is done; what the kernel refuses
 * goes the long way, which can tell why.
 */
static int mount_short(
	struct gate *gate, const struct step_mount *s, const struct mount_place *place)
{
	if (place->name[0] == '\0' || !gate->directory_ours || !step_is_plain(gate, s))
		return 0;
	if (!gate->directory_entered && fchdir(place->fd) < 0)
		return 0;
	gate->directory_entered = 1;
	return mount(plan_string(gate->plan, s->source), place->name,
		       plan_string(gate->plan, s->type), s->flags | attributes_classic(s->set),
		       plan_string(gate->plan, s->data)) == 0;
}

/* The whole through mount(2); the new mount is found again at the target. */
static int mount_whole(struct gate *gate, const struct step_mount *s)
{
	const struct step_mount rest = step_without(s, attributes_at_once(s));
	const char *path = plan_string(gate->plan, s->target);
	auto_fd int target = resolve_make(gate->root, path, S_IFDIR, 0, NULL), mount = -1;
	int error;

	if (target < 0)
		return gate_failed(gate, WIRE_CALL_resolve, target, path);
	error = mount_classic(gate, plan_string(gate->plan, s->source), target,
		plan_string(gate->plan, s->type),
		s->flags | attributes_classic(attributes_at_once(s)),
		plan_string(gate->plan, s->data));
	if (error < 0)
		return gate_failed(
			gate, WIRE_CALL_mount_type, error, plan_string(gate->plan, s->type));
	mount = resolve_open(gate->root, path, O_PATH, 0);
	if (mount < 0)
		return gate_failed(gate, WIRE_CALL_resolve, mount, path);
	return mount_finish(gate, &rest, &mount, 0);
}

static int mount_context(
	struct gate *gate, const struct step_mount *s, int context, const struct mount_place *place)
{
	const struct step_mount rest = step_without(s, attributes_at_once(s));
	const char *path = plan_string(gate->plan, s->target);
	auto_late int mount =
		sys_fsmount(context, FSMOUNT_CLOEXEC, (unsigned int)attributes_at_once(s));
	int error = 0, made = mount;

	if (mount < 0)
		return gate_failed(gate, WIRE_CALL_mount_type, 0, plan_string(gate->plan, s->type));
	if ((s->extras & PLAN_MOUNT_TMPCOPYUP) && !place->made)
		error = tree_copy(gate, place->fd, mount, path);
	if (error == 0 && s->idmap >= 0)
		error = attributes_map(gate, mount, 0, gate->fds[s->idmap], path);
	if (error == 0)
		error = mount_attach(gate, mount, place, path);
	if (error == 0)
		error = mount_finish(gate, &rest, &mount, 0);
	if (error == 0 && mount >= 0)
		keep_proc(gate, s, &mount);
	/* What is shared with the host can be seen, and raced, from there. */
	if (error == 0 && type_is(gate, s, "tmpfs") && made != gate->root && !gate->shared) {
		parent_adopt(gate, path, made);
		fd_take(&mount);
	}
	return error;
}

/* What the host has of a filesystem that this user namespace may not mount anew. */
static const char *fallback_source(const char *type)
{
	static const char *const rows[][2] = {
		{"proc", "/proc"},
		{"sysfs", "/sys"},
		{"cgroup2", "/sys/fs/cgroup"},
	};

	for (size_t i = 0; i < array_size(rows); i++)
		if (strcmp(type, rows[i][0]) == 0)
			return rows[i][1];
	return NULL;
}

int mount_new(struct gate *gate, const struct step_mount *s)
{
	const char *type = plan_string(gate->plan, s->type);
	auto_place struct mount_place place = MOUNT_PLACE_NONE;
	auto_late int context = -1;
	int error;

	/* What is to be mapped or filled must be so before anybody sees it: mount(2) cannot wait.
	 */
	if (options_need_mount(plan_string(gate->plan, s->data)) && s->idmap < 0 &&
		!(s->extras & PLAN_MOUNT_TMPCOPYUP))
		return mount_whole(gate, s);
	error = mount_place_find(gate, s, S_IFDIR, &place);
	if (error < 0 || mount_short(gate, s, &place))
		return error;
	context = sys_fsopen(type, FSOPEN_CLOEXEC);
	if (context < 0)
		error = gate_failed(gate, WIRE_CALL_mount_type, 0, type);
	else
		error = context_create(gate, s, context, &place);
	if (error == 0)
		return mount_context(gate, s, context, &place);
	if (error == -EPERM && (s->extras & PLAN_MOUNT_FALLBACK_BIND) && fallback_source(type))
		/* CVE-2023-25809: read-only is meant for every hierarchy below, not the top alone.
		 */
		return mount_bind_source(gate, s, fallback_source(type), AT_RECURSIVE);
	return error;
}

/* New options for the superblock; without any, remounting concerns the mount alone. */
static int superblock_change(
	struct gate *gate, int mount, uint64_t flags, const char *data, const char *path)
{
	auto_late int context = -1;
	int error;

	if (flags == 0 && data == NULL)
		return 0;
	context = sys_fspick(mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (context < 0)
		return gate_failed(gate, WIRE_CALL_mount_attributes, 0, path);
	error = options_set_all(gate, context, flags, data);
	if (error == 0 && sys_fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		error = gate_failed(gate, WIRE_CALL_mount_attributes, 0, path);
	return error;
}

/* Whether a mount that forbids no writing cannot be written all the same. */
static int superblock_is_readonly(int mount)
{
	struct statfs fs;

	return fstatfs(mount, &fs) == 0 && ((unsigned long)fs.f_flags & ST_RDONLY);
}

int mount_again(struct gate *gate, const struct step_mount *s)
{
	const char *path = plan_string(gate->plan, s->target);
	auto_fd int mount = resolve_open(gate->root, path, O_PATH, 0);
	int error = 0, found = mount;

	if (mount < 0)
		return gate_failed(gate, WIRE_CALL_resolve, mount, path);
	if ((s->clear | s->rclear) & MOUNT_ATTR_RDONLY)
		mount_late_forget(gate, mount);
	if (!(s->extras & PLAN_MOUNT_BIND))
		error = superblock_change(
			gate, mount, s->flags, plan_string(gate->plan, s->data), path);
	if (error == 0)
		error = mount_finish(gate, s, &mount, 0);
	if (error == 0 && !(s->extras & PLAN_MOUNT_BIND) && (s->clear & MOUNT_ATTR_RDONLY) &&
		superblock_is_readonly(found))
		error = superblock_change(gate, found, 0, "rw", path);
	return error;
}

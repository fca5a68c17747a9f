/*
 * Where a mount goes. Targets that exist are opened by the resolver. Missing ones mostly come in
 * rows, below a filesystem that has just been mounted (/dev, a cgroup tmpfs): their directory is
 * opened once, and each is made in it by its name, on which the mount is attached without looking
 * further. A link that somebody puts there meanwhile is not followed.
 */
#include "nsexec/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

void mount_place_leave(struct mount_place *place)
{
	fd_close_late(&place->owned);
}

/* proc and sysfs carry the masks: a link in their path would put them elsewhere. */
static int type_is_literal(const char *type)
{
	return type != NULL && (strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0);
}

/* Makes the last part of the path in its directory. 0 when something is there, 1, or -errno. */
static int place_make(struct gate *gate, const char *path, struct mount_place *place)
{
	const char *name;
	int directory = parent_open(gate, path, &name);

	if (directory < 0)
		return directory;
	if (mkdirat(directory, name, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	*place = (struct mount_place){.fd = directory, .name = name, .made = 1, .owned = -1};
	return 1;
}

int mount_place_find(
	struct gate *gate, const struct step_mount *s, unsigned int type, struct mount_place *place)
{
	const char *path = plan_string(gate->plan, s->target);
	int nofollow = s->extras & PLAN_MOUNT_TARGET_NOFOLLOW ? O_NOFOLLOW : 0;
	int fd, literal, plain;

	/* CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc is /proc, not where a link leads.
	 */
	literal =
		type_is_literal(plan_string(gate->plan, s->type)) && !(s->extras & PLAN_MOUNT_BIND);
	plain = type == S_IFDIR && !literal && !nofollow;
	if (plain && parent_is_open(gate, path) && place_make(gate, path, place) == 1)
		return 0;
	parent_forget(gate);
	fd = resolve_open(gate->root, path, O_PATH | nofollow, literal ? RESOLVE_NO_SYMLINKS : 0);
	if (fd == -ENOENT && plain && place_make(gate, path, place) == 1)
		return 0;
	if (fd == -ENOENT && !nofollow) {
		fd = resolve_make(gate->root, path, type, literal ? RESOLVE_NO_SYMLINKS : 0, NULL);
		place->made = 1;
	}
	place->fd = place->owned = fd;
	return fd < 0 ? gate_failed(gate, WIRE_CALL_resolve, fd, path) : 0;
}

/* The kernel says EINVAL for many things; a file on a directory is the one that a user can mend. */
static int attach_failed(
	struct gate *gate, int error, int mount, const struct mount_place *place, const char *path)
{
	struct stat from, to;

	if (fstat(mount, &from) == 0 &&
		fstatat(place->fd, place->name, &to, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode))
		return gate_failed(gate, WIRE_CALL_type_mismatch,
			S_ISDIR(to.st_mode) ? EISDIR : ENOTDIR, path);
	return gate_failed(gate, WIRE_CALL_mount_attach, error, path);
}

int mount_attach(struct gate *gate, int mount, const struct mount_place *place, const char *path)
{
	/* CVE-2021-30465: one part below a descriptor at most, and no MOVE_MOUNT_T_SYMLINKS. */
	if (sys_move_mount(mount, "", place->fd, place->name,
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return attach_failed(gate, errno, mount, place, path);
	return 0;
}

int mount_attach_on(struct gate *gate, int mount, int target, const char *path)
{
	const struct mount_place place = {.fd = target, .name = ""};

	return mount_attach(gate, mount, &place, path);
}

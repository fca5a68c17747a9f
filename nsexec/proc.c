/*
 * Labels, sysctls and scores are written to /proc, and a container may have put something else
 * there: another filesystem, a link, another file of proc itself (CVE-2019-16884, CVE-2019-19921,
 * CVE-2025-52881). So a write starts at the root of a procfs that is known to be one, and
 * neither a mount nor a magic link on the way to the file is accepted.
 *
 * The root is the one that a mount step of the plan has made, where there is one: making another
 * would cost a grace period of the kernel when it is dropped.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "nsexec/cleanup.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

#define PROC_ROOT_INODE 1 /* fs/proc/root.c */

/* /proc, if it is the root of a procfs; CVE-2019-19921: not merely some file of one. */
static int proc_mounted(void)
{
	auto_fd int fd = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE)
		return -ENODEV;
	return fd_take(&fd);
}

/* A new one, which is in nobody's tree. */
static int proc_detached(void)
{
	auto_fd int fs = sys_fsopen("proc", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int gate_proc(struct gate *gate)
{
	int fd;

	if (gate->proc >= 0)
		return gate->proc;
	fd = proc_mounted();
	if (fd < 0)
		fd = proc_detached();
	if (fd < 0)
		return gate_failed(gate, WIRE_CALL_open, fd, "/proc");
	gate->proc = fd;
	return fd;
}

/* Without openat2: the mount that the file was found on must be that of the root. */
static int proc_walk(int proc, const char *path, int flags)
{
	auto_fd int fd = resolve_open(proc, path, flags | O_NOFOLLOW, 0);
	uint64_t root, file;

	if (fd < 0)
		return fd;
	if (sys_mount_id(proc, &root) < 0 || sys_mount_id(fd, &file) < 0)
		return -errno;
	return root == file ? fd_take(&fd) : -EXDEV;
}

int gate_proc_open(struct gate *gate, const char *path, int flags)
{
	int proc = gate_proc(gate), fd;

	if (proc < 0)
		return proc;
	/* CVE-2025-52881: NO_XDEV, so that not even another real file of proc can stand here. */
	fd = sys_openat2(proc, path, (uint64_t)(flags | O_CLOEXEC), 0,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	fd = fd < 0 ? -errno : fd;
	if (fd == -ENOSYS)
		fd = proc_walk(proc, path, flags | O_CLOEXEC);
	return fd < 0 ? gate_failed(gate, WIRE_CALL_open, fd, path) : fd;
}

int gate_proc_write(struct gate *gate, const char *path, const char *text)
{
	size_t length = strlen(text);
	auto_fd int fd = gate_proc_open(gate, path, O_WRONLY);

	if (fd < 0)
		return fd;
	if (write(fd, text, length) != (ssize_t)length)
		return gate_failed(gate, WIRE_CALL_write, 0, path);
	return 0;
}

/* True when some part of the path is "..": a sysctl's name must not leave /proc/sys. */
static int path_climbs(const char *path)
{
	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (length == 2 && memcmp(path, "..", 2) == 0)
			return 1;
		path += length + (path[length] == '/');
	}
	return 0;
}

int gate_sysctl(struct gate *gate, const struct step_sysctl *s)
{
	const char *name = plan_string(gate->plan, s->path);
	char path[sizeof("sys/") + 256] = "sys/";

	/* CVE-2022-0811's class: the name is data, not a way through /proc. */
	if (strlen(name) > 255 || path_climbs(name))
		return gate_failed(gate, WIRE_CALL_open, EINVAL, name);
	strcpy(path + strlen(path), name);
	return gate_proc_write(gate, path, plan_string(gate->plan, s->value));
}

/*
 * The terminal: a pair of the container's own devpts. The slave comes from the master, never from a
 * path that the image could have bent (CVE-2025-52565), becomes the standard streams and the
 * session's terminal, and is bound on /dev/console; the master goes to whoever holds the other end
 * of the socket.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "nsexec/cleanup.h"
#include "nsexec/mount.h"
#include "nsexec/parent.h"
#include "nsexec/resolve.h"
#include "nsexec/syscalls.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

struct terminal {
	int master, slave;
	char name[sizeof("/dev/pts/") + NUMBER_SIZE];
};

static int on_devpts(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC;
}

/* CVE-2025-52565: the multiplexer of a devpts, not what a link or another file calls ptmx. */
static int master_open(struct gate *gate, int root)
{
	auto_fd int pts = resolve_open(root, "/dev/pts", O_PATH | O_DIRECTORY, 0), master = -1;
	struct stat st;

	if (pts < 0)
		return gate_failed(gate, WIRE_CALL_resolve, pts, "/dev/pts");
	if (!on_devpts(pts))
		return gate_failed(gate, WIRE_CALL_type_mismatch, ENODEV, "/dev/pts");
	master = openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (master < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/dev/pts/ptmx");
	if (!on_devpts(master) || fstat(master, &st) < 0 || st.st_rdev != makedev(5, 2))
		return gate_failed(gate, WIRE_CALL_type_mismatch, ENODEV, "/dev/pts/ptmx");
	return fd_take(&master);
}

static int slave_open(struct gate *gate, const struct step_console *s, struct terminal *t)
{
	struct winsize size = {
		.ws_row = (unsigned short)s->rows, .ws_col = (unsigned short)s->columns};
	unsigned int number;
	int unlock = 0;

	if (ioctl(t->master, TIOCSPTLCK, &unlock) < 0 || ioctl(t->master, TIOCGPTN, &number) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/dev/pts/ptmx");
	strcpy(t->name, "/dev/pts/");
	number_write(t->name + strlen(t->name), number);
	t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, t->name);
	if ((s->rows != 0 || s->columns != 0) && ioctl(t->master, TIOCSWINSZ, &size) < 0)
		return gate_failed(gate, WIRE_CALL_write, 0, t->name);
	if (s->uid != 0 && fchown(t->slave, (uid_t)s->uid, (gid_t)-1) < 0)
		return gate_failed(gate, WIRE_CALL_write, 0, t->name);
	return 0;
}

/* Binds the slave on /dev/console, which is a file and no link, or is made as one. */
static int console_bind(struct gate *gate, const struct terminal *t)
{
	const char *name, *path = "/dev/console";
	auto_fd int tree = -1, target = -1, made = -1, result = -1;
	struct stat st, slave;
	int error, directory = parent_open(gate, path, &name);

	if (directory < 0)
		return directory;
	/* CVE-2026-88264: O_EXCL and O_NOFOLLOW, so that a link of the image is never followed. */
	made = openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0 && errno != EEXIST)
		return gate_failed(gate, WIRE_CALL_create, 0, path);
	target = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || fstat(target, &st) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, path);
	if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		return gate_failed(gate, WIRE_CALL_type_mismatch, ELOOP, path);
	tree = sys_open_tree(t->slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, 0, t->name);
	error = mount_attach_on(gate, tree, target, path);
	if (error < 0)
		return error;
	result = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (result < 0 || fstat(result, &st) < 0 || fstat(t->slave, &slave) < 0 ||
		st.st_rdev != slave.st_rdev || !on_devpts(result))
		return gate_failed(gate, WIRE_CALL_verify, EIO, path);
	return 0;
}

/* The master and the slave's name in one message, as engines expect it from their console socket.
 */
static int master_send(struct gate *gate, const struct step_console *s, const struct terminal *t)
{
	auto_fd int socket = gate_slot_take(gate, s->socket);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS}};
	struct iovec name = {.iov_base = (void *)t->name, .iov_len = strlen(t->name)};
	struct msghdr message = {.msg_iov = &name,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t sent;

	if (socket < 0)
		return socket;
	memcpy(CMSG_DATA(&control.header), &t->master, sizeof(int));
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? gate_failed(gate, WIRE_CALL_send, 0, t->name) : 0;
}

/* The session is new and without a terminal: this one becomes its terminal and its streams. */
static int streams_set(struct gate *gate, const struct terminal *t)
{
	if (ioctl(t->slave, TIOCSCTTY, 0) < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, t->name);
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(t->slave, fd) < 0)
			return gate_failed(gate, WIRE_CALL_open, 0, t->name);
	return 0;
}

int gate_console(struct gate *gate, const struct step_console *s)
{
	auto_fd int slash = -1, master = -1, slave = -1;
	struct terminal t = {.master = -1, .slave = -1};
	int error;

	/* Without a root of its own making this is exec, in a container that has its console. */
	if (gate->root < 0) {
		slash = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (slash < 0)
			return gate_failed(gate, WIRE_CALL_open, 0, "/");
	}
	master = master_open(gate, slash >= 0 ? slash : gate->root);
	if (master < 0)
		return master;
	t.master = master;
	error = slave_open(gate, s, &t);
	slave = t.slave;
	if (error == 0 && slash < 0)
		error = console_bind(gate, &t);
	if (error == 0)
		error = streams_set(gate, &t);
	return error < 0 ? error : master_send(gate, s, &t);
}

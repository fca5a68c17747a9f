/*
 * Entering and making namespaces, in the order that the policy gave to the plan. Whatever changes
 * the credentials here also ends the shield, so it is raised again each time.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

int gate_enter(struct gate *gate, const struct step_enter *s)
{
	int fd = gate_slot_take(gate, s->tasks);

	if (fd < 0)
		return fd;
	/* "0" is the writer: a thread that moves itself waits for no grace period. */
	if (write(fd, "0", 1) != 1)
		return gate_failed(gate, WIRE_CALL_write, 0,
			plan_string(gate->plan, plan_slots(gate->plan)[s->tasks].path));
	/* Ten of these are closed by one call later, gate_close_others, and shielded until then. */
	return 0;
}

/*
 * Becomes root of the user namespace that this process is in now, so that what it makes belongs to
 * somebody there. A namespace that maps no root has none: then it stays who it is.
 */
static int root_become(struct gate *gate)
{
	if (sys_setresgid(0) < 0 && errno != EINVAL)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	if (sys_setresuid(0) < 0 && errno != EINVAL)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	gate_shield(gate);
	return 0;
}

/* True when joining failed only because this process is in that very user namespace. */
static int is_inside_already(int fd, int type)
{
	return errno == EINVAL && type == CLONE_NEWUSER && ioctl(fd, NS_GET_NSTYPE) == type;
}

int gate_join(struct gate *gate, const struct step_join *s)
{
	auto_fd int fd = gate_slot_take(gate, s->handle);
	const char *path;
	int actual;

	if (fd < 0)
		return fd;
	path = plan_string(gate->plan, plan_slots(gate->plan)[s->handle].path);
	if (setns(fd, (int)s->type) < 0 && !is_inside_already(fd, (int)s->type)) {
		int error = errno;

		actual = ioctl(fd, NS_GET_NSTYPE);
		if (actual >= 0 && actual != (int)s->type)
			return gate_failed(gate, WIRE_CALL_namespace_type, error, path);
		return gate_failed(gate, WIRE_CALL_NONE, error, path);
	}
	return s->type & CLONE_NEWUSER ? root_become(gate) : 0;
}

/*
 * Joining a mount namespace leads to its root, which is the container's, unless it was made by a
 * runtime that was itself confined by chroot: then it is the host's, and this process would be out.
 */
int gate_anchor(struct gate *gate, const struct step_anchor *s)
{
	auto_fd int fd = gate_slot_take(gate, s->root);
	struct stat root;

	if (fd < 0)
		return fd;
	if (stat("/", &root) == 0 && root.st_dev == s->device && root.st_ino == s->inode)
		return 0;
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	return 0;
}

int gate_unshare(struct gate *gate, const struct step_unshare *s)
{
	if (unshare((int)s->types) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	if (s->types & CLONE_NEWUSER)
		gate_shield(gate);
	return 0;
}

int gate_map(struct gate *gate, const struct step_map *s)
{
	int ids = s->uids.at != PLAN_ABSENT || s->gids.at != PLAN_ABSENT;
	struct wire_packet packet;
	int result;

	/*
	 * The maps of a process that hides belong to root, and a host without privilege could not
	 * write them. Nobody else is in this new namespace who could look.
	 */
	if (ids)
		prctl(PR_SET_DUMPABLE, 1);
	result = gate_say(gate, WIRE_MAP);
	if (result == 0)
		result = gate_hear(gate, &packet);
	if (result == 0 && ids)
		result = root_become(gate);
	return result;
}

int gate_hop(struct gate *gate, const struct step_hop *s)
{
	struct clone_args args = {.flags = CLONE_PARENT};
	int pid = sys_clone3(&args);

	if (pid < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	if (pid > 0)
		_exit(wire_send_pid(&gate->wire, pid) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	gate_shield(gate);
	/* A procfs shows the pid namespace in which it was opened: the next user gets a new one. */
	fd_cleanup(&gate->proc);
	gate->proc = -1;
	return 0;
}

int gate_enter_time(struct gate *gate, const struct step_enter_time *s)
{
	int proc = gate_proc(gate);
	auto_fd int fd = -1;

	if (proc < 0)
		return proc;
	fd = openat(proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/proc/self/ns/time_for_children");
	return setns(fd, CLONE_NEWTIME) < 0 ? gate_failed(gate, WIRE_CALL_NONE, 0, NULL) : 0;
}

int gate_birth(struct gate *gate, const struct step_birth *s)
{
	struct pollfd host = {.fd = gate->wire.fd, .events = POLLIN};

	/* A host that died before the last shield was up sends no signal any more. */
	if (poll(&host, 1, 0) > 0 && (host.revents & POLLHUP)) {
		gate->wire.state = WIRE_ENDED;
		return -ECONNABORTED;
	}
	return 0;
}

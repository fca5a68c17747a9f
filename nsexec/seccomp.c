/*
 * The seccomp filter: compiled by the host, loaded here. Everything else that a filter could
 * forbid is done before (gate_settle), so that a strict one needs to allow little more than execve.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

static struct sock_filter filter[BPF_MAXINSNS];

/* Reads the whole filter; the number of its instructions, or -1. */
static int filter_read(int fd)
{
	size_t length = 0;
	ssize_t got;

	while ((got = pread(fd, (char *)filter + length, sizeof(filter) - length, (off_t)length)) >
		0)
		length += (size_t)got;
	if (got < 0)
		return -1;
	errno = EINVAL;
	return length == 0 || length % sizeof(filter[0]) != 0 ? -1
							      : (int)(length / sizeof(filter[0]));
}

/* Sends the notify descriptor with the process's state, which is one document in three parts. */
static int notify_send(int connection, int notify, const char *head, const char *tail)
{
	char digits[NUMBER_SIZE];
	size_t count = number_write(digits, (uint64_t)getpid());
	struct iovec parts[3] = {
		{(void *)head, strlen(head)}, {digits, count}, {(void *)tail, strlen(tail)}};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control = {0};
	struct msghdr m = {.msg_iov = parts,
		.msg_iovlen = 3,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	size_t whole = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &notify, sizeof(int));
	return sendmsg(connection, &m, MSG_NOSIGNAL) == (ssize_t)whole ? 0 : -1;
}

int gate_seccomp(struct gate *gate, const struct step_seccomp *s)
{
	const char *listener = plan_string(gate->plan, s->listener);
	struct sock_fprog program = {.filter = filter};
	unsigned int flags = (unsigned int)s->flags;
	auto_fd int notify = -1;
	int count, result;

	count = gate->seccomp < 0 ? -1 : filter_read(gate->seccomp);
	if (count < 0)
		return gate_failed(gate, WIRE_CALL_read, gate->seccomp < 0 ? EBADF : 0, NULL);
	if (listener != NULL && gate->notify < 0)
		return gate_failed(gate, WIRE_CALL_send, ENOTCONN, listener);
	fd_cleanup(&gate->seccomp);
	gate->seccomp = -1;
	result = gate_settle(gate);
	if (result < 0)
		return result;

	program.len = (unsigned short)count;
	if (listener != NULL)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (result < 0 || (result > 0 && listener == NULL))
		return gate_failed(gate, WIRE_CALL_NONE, result > 0 ? ESRCH : 0, NULL);
	if (listener == NULL)
		return 0;
	notify = result;
	if (notify_send(gate->notify, notify, plan_string(gate->plan, s->head),
		    plan_string(gate->plan, s->tail)) < 0)
		return gate_failed(gate, WIRE_CALL_send, 0, listener);
	return 0;
}

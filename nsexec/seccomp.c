/*
 * The seccomp filter: compiled by the host, loaded here. Everything else that a filter could
 * forbid is done before (gate_settle), so that a strict one needs to allow little more than execve.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/notify.h"
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

int gate_seccomp(struct gate *gate, const struct step_seccomp *s)
{
	const char *listener = plan_string(gate->plan, s->listener);
	struct sock_fprog program = {.filter = filter};
	unsigned long flags = s->flags;
	int count, result;

	count = gate->seccomp < 0 ? -1 : filter_read(gate->seccomp);
	if (count < 0)
		return gate_failed(gate, WIRE_CALL_read, gate->seccomp < 0 ? EBADF : 0, NULL);
	if (listener != NULL && gate->notify < 0)
		return gate_failed(gate, WIRE_CALL_send, ENOTCONN, listener);
	fd_cleanup(&gate->seccomp);
	gate->seccomp = -1;
	result = listener != NULL ? notify_begin(gate, s) : 0;
	if (result == 0)
		result = gate_settle(gate);
	if (result < 0)
		return result;

	program.len = (unsigned short)count;
	/* The only other thread is the one that must not have the filter. */
	if (listener != NULL)
		flags = (flags & ~SECCOMP_FILTER_FLAG_TSYNC) | SECCOMP_FILTER_FLAG_NEW_LISTENER;
	result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (result < 0 || (result > 0 && listener == NULL))
		return gate_failed(gate, WIRE_CALL_NONE, result > 0 ? ESRCH : 0, NULL);
	if (listener != NULL)
		notify_end(result);
	return 0;
}

/*
 * A process that was killed ends when the kernel's work for it is done, and that may be never: one
 * that waits for a filesystem whose server does not answer cannot be killed at all. It is left to
 * process 1; nobody waits for ever because of it.
 */
#include "runtime/child.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define DEATH_PATIENCE 10000 /* milliseconds */

static int child_collect(pid_t pid, int options, int *status)
{
	int result;

	while ((result = waitpid(pid, status, options)) < 0 && errno == EINTR)
		;
	return result;
}

int child_reap(pid_t *pid)
{
	struct pollfd end = {.fd = -1, .events = POLLIN};
	pid_t child = *pid;
	int status = 0;

	*pid = 0;
	if (child <= 0 || child_collect(child, WNOHANG, &status) != 0)
		return status;
	end.fd = sys_pidfd_open(child, 0);
	if (end.fd < 0 || poll(&end, 1, DEATH_PATIENCE) != 0)
		child_collect(child, 0, &status);
	fd_cleanup(&end.fd);
	return status;
}

/*
 * A signal goes to exactly the process that was recorded, through a pidfd, never to a later one
 * with its pid. KILL has to end the container: so where its processes do not die with the first one
 * (a pid namespace that is not its own), all get it, and a frozen container is thawed, since
 * version 1 of the cgroups lets no frozen task die.
 */
#include "runtime/signal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "spec/names.h"
#include "state/life.h"

int signal_read(const char *word, int *number, struct error *err)
{
	if (signal_parse(word, number) == 0)
		return 0;
	error_set(err, ERROR_USAGE, EINVAL, "unknown signal \"%s\"", word);
	error_value(err, "%s", word);
	return -EINVAL;
}

/* Whether the process is the first of its pid namespace: the kernel kills the others with it. */
static bool process_is_first(pid_t pid)
{
	char path[32], status[4096];
	auto_fd int fd = -1;
	const char *pids, *end;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	if (length < 0)
		return false;
	status[length] = '\0';
	pids = strstr(status, "\nNSpid:");
	end = pids != NULL ? strchr(pids + 1, '\n') : NULL;
	return end != NULL && strncmp(end - 2, "\t1", 2) == 0;
}

static int init_signal(const struct spec_record *record, int signal, struct error *err)
{
	auto_fd int pidfd = process_open((pid_t)record->init.value, record->init_start.value);
	bool alone = signal != SIGKILL || process_is_first((pid_t)record->init.value);
	int number = pidfd < 0 ? ESRCH : 0;

	if (number == 0 && sys_pidfd_send_signal(pidfd, signal, 0) < 0)
		number = errno;
	if (number == ESRCH)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	if (number != 0)
		return error_set(
			err, ERROR_SYSTEM, number, "cannot send the signal: %s", strerror(number));
	return alone ? 0 : cgroup_signal(&record->cgroups, signal, err);
}

int container_signal(const struct spec_record *record, int signal, bool all, struct error *err)
{
	enum status status = status_derive(record);
	int result;

	if (status == STATUS_CREATING)
		return error_set(err, ERROR_STATUS, EAGAIN, "container is still being created");
	if (all && record->cgroups.count > 0)
		result = cgroup_signal(&record->cgroups, signal, err);
	else
		result = init_signal(record, signal, err);
	if (result == 0 && signal == SIGKILL && status == STATUS_PAUSED)
		result = cgroup_freeze(&record->cgroups, false, err);
	return result;
}

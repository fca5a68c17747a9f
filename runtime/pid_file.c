/*
 * Callers read the pid file as soon as we exit, some of them poll for it: so it appears complete,
 * by rename. It may lie in a directory that others can write to, so that a symbolic link there must
 * not turn us into a writer of any file: the temporary file is new (O_EXCL), and rename replaces a
 * link instead of following it. A pid is soon another process's, so that no file may name one that
 * failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/pid_file.h"

static const char *written; /* by this process, which writes one at most */

static int pid_write(const char *path, pid_t pid)
{
	char digits[16];
	int length = snprintf(digits, sizeof(digits), "%d", pid);
	auto_fd int fd =
		openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	ssize_t count;

	if (fd < 0)
		return -errno;
	count = write(fd, digits, (size_t)length);
	if (count != length)
		return count < 0 ? -errno : -ENOSPC;
	return 0;
}

static int pid_file_replace(const char *path, pid_t pid, struct error *err)
{
	char temporary[PATH_MAX];
	int result;

	if (snprintf(temporary, sizeof(temporary), "%s.%d.tmp", path, getpid()) >=
		(int)sizeof(temporary))
		return error_set(err, ERROR_SYSTEM, ENAMETOOLONG,
			"cannot write the pid file: its path is too long");
	result = pid_write(temporary, pid);
	if (result == 0 && rename(temporary, path) < 0)
		result = -errno;
	if (result < 0) {
		if (result != -EEXIST)
			unlink(temporary);
		errno = -result;
		return error_set(
			err, ERROR_SYSTEM, -result, "cannot write the pid file %s: %m", path);
	}
	written = path;
	return 0;
}

int pid_file_write(const char *path, pid_t pid, struct error *err)
{
	return path ? pid_file_replace(path, pid, err) : 0;
}

void pid_file_remove(void)
{
	if (written)
		unlink(written);
	written = NULL;
}

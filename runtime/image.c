/*
 * What is executed as the gate is never a file that the container could reach and write
 * (CVE-2019-5736): a memfd with all seals, or, where executing memfds is forbidden
 * (vm.memfd_noexec=2), our own executable through a detached read-only clone of its mount. Either
 * is gone with the last process that runs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/nsexec.h"
#include "nsexec/syscalls.h"
#include "runtime/image.h"

/* MFD_EXEC is refused with EINVAL by kernels that do not know it; there every memfd may be
 * executed. */
static int memfd_executable(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

/* The embedded image in a sealed memfd; -errno. */
static int image_sealed(void)
{
	size_t length = (size_t)(nsexec_image_end - nsexec_image);
	auto_fd int fd = memfd_executable("mydocker-gate");
	ssize_t written;

	if (fd < 0)
		return -errno;
	written = write(fd, nsexec_image, length);
	if (written != (ssize_t)length)
		return written < 0 ? -errno : -ENOSPC;
	/* CVE-2019-5736: a process that opens /proc/PID/exe of the gate cannot write to it, ever */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return fd_take(&fd);
}

/* Our own executable, on a mount of its own that is read-only and attached nowhere; -errno. */
static int image_cloned(void)
{
	struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	auto_fd int fd =
		sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &readonly) < 0)
		return -errno;
	return fd_take(&fd);
}

int image_open(uint64_t *inode, struct error *err)
{
	auto_fd int fd = image_sealed();
	struct stat status;

	if (fd == -EACCES)
		fd = image_cloned();
	if (fd < 0)
		return error_set(
			err, ERROR_GATE, -fd, "cannot make the gate's image: %s", strerror(-fd));
	if (fstat(fd, &status) < 0)
		return error_set(err, ERROR_GATE, errno, "cannot stat the gate's image: %m");
	*inode = status.st_ino;
	return fd_take(&fd);
}

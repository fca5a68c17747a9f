/*
 * An unconnected socket answers at once, whatever state its other end is in: that is why the wait
 * for `start` is a socket and no fifo. The kernel limits socket paths to 107 bytes, state roots are
 * not limited: so both ends name the socket through the descriptor of the directory.
 */
#include "state/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

#define DOOR_FILE "door"

static struct sockaddr_un door_address(const struct container *container)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" DOOR_FILE,
		container->dir);
	return address;
}

int door_make(const struct container *container, struct error *err)
{
	struct sockaddr_un address = door_address(container);
	auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, 1) < 0)
		return error_set(err, ERROR_STATE, errno,
			"cannot make the door of container %s: %m", container->id);
	return fd_take(&fd);
}

static int error_door(const struct container *container, int number, struct error *err)
{
	if (number == ENOENT)
		return error_set(
			err, ERROR_STATUS, number, "cannot start an already running container");
	if (number == ECONNREFUSED)
		return error_set(
			err, ERROR_STATUS, number, "cannot start a container that has stopped");
	return error_set(err, ERROR_STATE, number, "cannot open the door of container %s: %s",
		container->id, strerror(number));
}

int door_open(const struct container *container, struct error *err)
{
	struct sockaddr_un address = door_address(container);
	auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* Not blocking: a queue that somebody else has filled must not hold us, nor what never
	 * answers. */
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return error_door(container, errno == EAGAIN ? EBUSY : errno, err);
	unlinkat(container->dir, DOOR_FILE, 0);
	return fd_take(&fd);
}

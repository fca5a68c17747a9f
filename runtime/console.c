/*
 * The terminal's master is made inside the container and comes out through a socket: to the
 * engine's, or to our own when the user's terminal is to be joined with it.
 */
#include "runtime/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/terminal.h"
#include "runtime/unix_socket.h"

#define RECEIVE_WAIT 10000 /* ms */

int console_connect(const char *path, struct error *err)
{
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return error_set(err, ERROR_CONSOLE, -fd,
			"cannot connect to the console socket %s: %s", path, strerror(-fd));
	return fd;
}

int console_pair(int *ours, int *theirs, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, ERROR_CONSOLE, errno, "cannot make a socket pair: %m");
	*ours = ends[0];
	*theirs = ends[1];
	return 0;
}

/* Receives one descriptor; -errno, -ENODATA for a message without one. */
static int descriptor_receive(int socket)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte[64];
	struct iovec data = {byte, sizeof(byte)};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return -ENODATA;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int console_receive(int ours, struct error *err)
{
	struct pollfd polled = {.fd = ours, .events = POLLIN};
	int ready = poll(&polled, 1, RECEIVE_WAIT);
	int master = ready > 0 ? descriptor_receive(ours) : -ETIMEDOUT;

	if (master < 0)
		return error_set(err, ERROR_CONSOLE, -master, "the container sent no terminal: %s",
			strerror(-master));
	terminal_keep_newlines(master);
	terminal_resize(master);
	return master;
}

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
	char text[64];
	struct iovec data = {text, sizeof(text)};
	int fd;
	ssize_t got = unix_socket_receive(socket, &data, &fd);

	return got < 0 ? (int)got : fd < 0 ? -ENODATA : fd;
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

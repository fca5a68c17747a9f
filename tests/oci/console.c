/*
 * The caller's end of --console-socket: listens on SOCKET, receives a terminal's master, then
 * copies stdin to it and what it says to stdout, until the terminal hangs up.
 *
 *   console SOCKET
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(const char *path)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	if (listen_at(listener, path) < 0)
		die(path);
	return listener;
}

static int receive_master(int connection)
{
	char data[256];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector = {.iov_base = data, .iov_len = sizeof(data)};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int master;

	if (recvmsg(connection, &message, 0) <= 0)
		die("recvmsg");
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
		fprintf(stderr, "no descriptor in the message\n");
		exit(1);
	}
	memcpy(&master, CMSG_DATA(header), sizeof(master));
	return master;
}

/* One read and as many writes as it takes; 0 at the end of file or a hang-up. */
static int copy_some(int from, int to)
{
	char buffer[4096];
	ssize_t length = read(from, buffer, sizeof(buffer));

	if (length < 0 && errno == EINTR)
		return 1;
	if (length <= 0)
		return 0;
	for (ssize_t done = 0; done < length;) {
		ssize_t written = write(to, buffer + done, (size_t)(length - done));

		if (written < 0)
			return 0;
		done += written;
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct pollfd ends[2] = {{.events = POLLIN}, {.fd = 0, .events = POLLIN}};
	int listener;

	if (argc != 2)
		return 2;
	listener = listen_on(argv[1]);
	ends[0].fd = receive_master(accept(listener, NULL, NULL));
	for (;;) {
		if (poll(ends, 2, -1) < 0)
			die("poll");
		if (ends[0].revents && !copy_some(ends[0].fd, 1))
			return 0;
		if (ends[1].revents && !copy_some(0, ends[0].fd))
			ends[1].fd = -1;
	}
}

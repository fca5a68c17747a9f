/*
 * The caller's end of --pidfd-socket: listens on SOCKET, receives one descriptor, and prints the
 * pid of the process that it is of.
 *
 *   pidfd SOCKET [SIGNAL]    and at the end of its input sends the signal of this number by it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int descriptor_receive(int connection)
{
	char data[256];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec name = {data, sizeof(data)};
	struct msghdr message = {
		.msg_iov = &name,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(connection, &message, 0) < 0)
		die("recvmsg");
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(fd)))
		die("not one descriptor");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int main(int argc, char **argv)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	char path[64], line[128];
	FILE *info;
	int pidfd;

	if (argc < 2 || listen_at(listener, argv[1]) < 0)
		die("listen");
	pidfd = descriptor_receive(accept(listener, NULL, NULL));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	info = fopen(path, "r");
	while (info && fgets(line, sizeof(line), info))
		if (strncmp(line, "Pid:\t", 5) == 0)
			fputs(line + 5, stdout);
	fflush(stdout);
	while (argc > 2 && read(STDIN_FILENO, line, sizeof(line)) > 0)
		;
	if (argc > 2 && syscall(SYS_pidfd_send_signal, pidfd, atoi(argv[2]), NULL, 0) < 0)
		die("pidfd_send_signal");
	return 0;
}

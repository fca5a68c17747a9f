/*
 * agent PATH NUMBER ERRNO: a seccomp agent. Listens at PATH, prints what each connection brings
 * (the bytes until the end of file, and "with N descriptors"), and answers the notifications of the
 * descriptor that came first: ERRNO for system call NUMBER, "go on" for all others. Ends when
 * nobody is left who could ask and no connection comes for a moment.
 */
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Reads 16 bytes at a time; returns the last descriptor, -1 when none came. */
static int connection_read(int connection)
{
	char text[16], control[CMSG_SPACE(8 * sizeof(int))];
	int fd = -1, count = 0;
	ssize_t got;

	do {
		struct iovec part = {text, sizeof(text)};
		struct msghdr m = {.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		struct cmsghdr *c;

		got = recvmsg(connection, &m, 0);
		if (got > 0)
			fwrite(text, 1, (size_t)got, stdout);
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			count += (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		}
	} while (got > 0);
	printf("\nwith %d descriptors\n", count);
	fflush(stdout);
	close(connection);
	return fd;
}

static void notification_answer(int fd, int number, int error)
{
	struct seccomp_notif request = {0};
	struct seccomp_notif_resp response = {0};

	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
		return;
	response.id = request.id;
	if (request.data.nr == number)
		response.error = -error;
	else
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pollfd fds[2] = {{.fd = socket(AF_UNIX, SOCK_STREAM, 0), .events = POLLIN},
		{.fd = -1, .events = POLLIN}};

	if (argc != 4 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	if (bind(fds[0].fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fds[0].fd, 8) < 0)
		return 1;
	while (poll(fds, 2, 20000) > 0) {
		if (fds[0].revents) {
			int fd = connection_read(accept(fds[0].fd, NULL, NULL));

			if (fds[1].fd < 0)
				fds[1].fd = fd;
		}
		if (fds[1].revents & POLLIN)
			notification_answer(fds[1].fd, atoi(argv[2]), atoi(argv[3]));
		else if (fds[1].revents & (POLLHUP | POLLERR))
			fds[1].fd = -1;
	}
	return 0;
}

/* A pid file tells a number, which is another process's as soon as the first has been reaped; a
 * descriptor stays true. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "nsexec/cleanup.h"
#include "runtime/pidfd_socket.h"
#include "runtime/unix_socket.h"

static int descriptor_send(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec name = {(char *)"pidfd", strlen("pidfd")};
	struct msghdr message = {
		.msg_iov = &name,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int pidfd_send(const char *path, int pidfd, struct error *err)
{
	auto_fd int socket = path ? unix_socket_connect(path) : -1;
	int result = socket;

	if (!path)
		return 0;
	if (socket >= 0)
		result = descriptor_send(socket, pidfd);
	if (result < 0)
		return error_set(err, ERROR_SYSTEM, -result,
			"cannot send the process to the pidfd socket %s: %s", path,
			strerror(-result));
	return 0;
}

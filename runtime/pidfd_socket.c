/* A pid file tells a number, which is another process's as soon as the first has been reaped; a
 * descriptor stays true. */
#include <errno.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/pidfd_socket.h"
#include "runtime/unix_socket.h"

int pidfd_send(const char *path, int pidfd, struct error *err)
{
	auto_fd int socket = path ? unix_socket_connect(path) : -1;
	int result = socket;

	if (!path)
		return 0;
	if (socket >= 0)
		result = unix_socket_send(socket, "pidfd", pidfd);
	if (result < 0)
		return error_set(err, ERROR_SYSTEM, -result,
			"cannot send the process to the pidfd socket %s: %s", path,
			strerror(-result));
	return 0;
}

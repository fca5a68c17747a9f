/*
 * The manager's own socket is not given to the container: everything that can be said to a service
 * manager could be said there. Of what the program says, the one word READY=1 goes through.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/readiness.h"

#define DIRECTORY "notify"
#define INSIDE "/run/notify"
#define SOCKET_FILE "notify.sock"

static const char *manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && (path[0] == '/' || path[0] == '@') ? path : NULL;
}

static int mount_add(struct spec *spec, const char *source, struct error *err)
{
	static const char *const options[] = {"bind", "nosuid", "noexec", "nodev", "ro"};
	struct spec_mount_list *list = &spec->config.mounts;
	struct spec_mount *mounts = arena_alloc(&spec->arena, (list->count + 1) * sizeof(*mounts));

	if (!mounts || !source)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < list->count; i++)
		mounts[i] = list->items[i];
	mounts[list->count] = (struct spec_mount){
		.destination = INSIDE,
		.type = "bind",
		.source = source,
		.options = {.count = array_size(options),
			.given = true,
			.items = (const char **)options},
	};
	list->items = mounts;
	list->count++;
	return 0;
}

static int variable_add(struct spec *spec, struct error *err)
{
	struct string_list *env = &spec->config.process->env;
	const char **items = arena_alloc(&spec->arena, (env->count + 1) * sizeof(*items));

	if (!items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < env->count; i++)
		items[i] = env->items[i];
	items[env->count] = "NOTIFY_SOCKET=" INSIDE "/" SOCKET_FILE;
	*env = (struct string_list){.count = env->count + 1, .given = true, .items = items};
	return 0;
}

bool readiness_wanted(void)
{
	return manager() != NULL;
}

int readiness_plan(struct spec *spec, const char *root, const char *id, struct error *err)
{
	int result;

	if (!spec->config.process)
		return 0;
	result = mount_add(spec, arena_format(&spec->arena, "%s/%s/" DIRECTORY, root, id), err);
	if (result == 0)
		result = variable_add(spec, err);
	return result;
}

int readiness_make(const struct container *container, struct error *err)
{
	if (mkdirat(container->dir, DIRECTORY, 0755) < 0)
		return error_set(err, ERROR_STATE, errno,
			"cannot make the directory of the container's notify socket: %m");
	return 0;
}

bool readiness_planned(const struct container *container)
{
	return faccessat(container->dir, DIRECTORY, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int readiness_listen(const struct container *container, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = -1;

	if (!manager() || !readiness_planned(container))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path),
		"/proc/self/fd/%d/" DIRECTORY "/" SOCKET_FILE, container->dir);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* whoever the program is, it may say that it is ready */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		chmod(address.sun_path, 0777) < 0)
		/* one that is there is an earlier start's: the door will tell */
		return errno == EADDRINUSE
			? -1
			: error_set(err, ERROR_STATE, errno,
				  "cannot make the container's notify socket: %m");
	return fd_take(&fd);
}

/* Whether one of the lines of a message is READY=1. */
static bool message_is_ready(const char *message)
{
	for (const char *line = message; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "READY=1", 7) == 0 && (line[7] == '\n' || line[7] == '\0'))
			return true;
	}
	return false;
}

static void manager_tell(pid_t main_pid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *path = manager();
	char message[64] = "READY=1\n";
	size_t length = strlen(path);

	if (fd < 0 || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (main_pid > 0)
		snprintf(message, sizeof(message), "READY=1\nMAINPID=%d\n", main_pid);
	/* a manager that is gone waits for nothing */
	sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

void readiness_relay(int socket, int pidfd, pid_t main_pid)
{
	struct pollfd polled[] = {
		{.fd = socket, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
	char message[4096];

	for (;;) {
		ssize_t length;

		if (poll(polled, array_size(polled), -1) < 0 && errno != EINTR)
			return;
		if (!(polled[0].revents & POLLIN)) {
			if (polled[1].revents)
				return;
			continue;
		}
		length = recv(socket, message, sizeof(message) - 1, 0);
		message[length > 0 ? length : 0] = '\0';
		if (message_is_ready(message)) {
			manager_tell(main_pid);
			return;
		}
	}
}

pid_t readiness_relay_apart(int socket, int pidfd)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	readiness_relay(socket, pidfd, 0);
	_exit(0);
}

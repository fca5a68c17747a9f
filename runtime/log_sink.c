/*
 * A file takes lines, the services take datagrams: what a line says about time and level, they
 * carry beside the text. libsystemd is not needed for a datagram of four fields.
 */
#include "runtime/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

static const struct {
	const char *prefix;
	enum log_sink_kind kind;
	const char *socket; /* NULL: a file */
} kinds[] = {
	{"file:", SINK_FILE, NULL},
	{"syslog:", SINK_SYSLOG, "/dev/log"},
	{"journald:", SINK_JOURNALD, "/run/systemd/journal/socket"},
};

/* A service that is slow must not hold us: not blocking. */
static int service_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return fd_take(&fd);
}

/* A FIFO that nobody reads is an error, not a wait. */
static int file_open(const char *path)
{
	return openat(AT_FDCWD, path,
		O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0644);
}

int log_sink_open(const char *destination, struct log_sink *sink, struct error *err)
{
	const char *rest = destination, *socket = NULL;

	sink->kind = SINK_FILE;
	for (size_t i = 0; i < array_size(kinds); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (strncmp(destination, kinds[i].prefix, length) != 0)
			continue;
		sink->kind = kinds[i].kind;
		socket = kinds[i].socket;
		rest = destination + length;
	}
	if (socket && !*rest)
		return error_set(err, ERROR_USAGE, EINVAL,
			"the log %s names nobody: say whose records they are", destination);
	sink->identifier = rest;
	sink->fd = socket ? service_open(socket) : file_open(rest);
	if (sink->fd < 0)
		return error_set(
			err, ERROR_USAGE, errno, "cannot open the log %s: %m", destination);
	return 0;
}

/* The classic form: priority and facility, time, who, text. */
static void syslog_send(const struct log_sink *sink, int priority, const char *text)
{
	char stamp[32] = "", head[256];
	time_t now = time(NULL);
	struct tm local;
	struct iovec parts[2];

	if (localtime_r(&now, &local))
		strftime(stamp, sizeof(stamp), "%b %e %T", &local);
	snprintf(head, sizeof(head), "<%d>%s %.100s[%d]: ", LOG_DAEMON | priority, stamp,
		sink->identifier, getpid());
	parts[0] = (struct iovec){head, strlen(head)};
	parts[1] = (struct iovec){(void *)text, strlen(text)};
	if (writev(sink->fd, parts, array_size(parts)) < 0)
		return;
}

/* NAME=VALUE a line; our texts have no newlines. */
static void journald_send(const struct log_sink *sink, int priority, const char *text)
{
	char head[256];
	struct iovec parts[3];

	snprintf(head, sizeof(head),
		"PRIORITY=%d\nSYSLOG_IDENTIFIER=%.100s\nSYSLOG_PID=%d\nMESSAGE=", priority,
		sink->identifier, getpid());
	parts[0] = (struct iovec){head, strlen(head)};
	parts[1] = (struct iovec){(void *)text, strlen(text)};
	parts[2] = (struct iovec){(void *)"\n", 1};
	if (writev(sink->fd, parts, array_size(parts)) < 0)
		return;
}

/* One write: records of processes that log at the same time do not mix. */
static void file_append(const struct log_sink *sink, const char *text)
{
	struct iovec parts[2] = {{(void *)text, strlen(text)}, {(void *)"\n", 1}};

	if (writev(sink->fd, parts, array_size(parts)) < 0)
		return;
}

void log_sink_write(const struct log_sink *sink, int priority, const char *text)
{
	if (sink->kind == SINK_SYSLOG)
		syslog_send(sink, priority, text);
	else if (sink->kind == SINK_JOURNALD)
		journald_send(sink, priority, text);
	else if (sink->kind == SINK_FILE)
		file_append(sink, text);
}

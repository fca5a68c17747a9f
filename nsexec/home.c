/*
 * The home directory of a user, from the image's own /etc/passwd. The image is not trusted: the
 * file may be a pipe that never ends, a device, gigabytes of zeros, or one endless line.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/resolve.h"

#define PASSWD_MAX (1 << 20)

static const char home_key[] = "HOME=";
static char home[sizeof(home_key) + PATH_MAX];

/* The start of field n in name:password:uid:gid:comment:home:shell, its length by *length; or NULL.
 */
static const char *line_field(const char *line, size_t size, unsigned int n, size_t *length)
{
	const char *end = line + size, *colon;

	for (; n > 0; n--) {
		line = memchr(line, ':', (size_t)(end - line));
		if (line == NULL)
			return NULL;
		line++;
	}
	colon = memchr(line, ':', (size_t)(end - line));
	*length = (size_t)((colon == NULL ? end : colon) - line);
	return line;
}

/* Takes the home out of one line if it is the user's; true when it is settled. */
static int line_take(const char *line, size_t size, uint32_t uid)
{
	size_t digits, length;
	const char *number = line_field(line, size, 2, &digits);
	const char *path = line_field(line, size, 5, &length);

	if (number == NULL || path == NULL || number_read(number, digits, UINT32_MAX) != uid)
		return 0;
	if (length > 0 && length < PATH_MAX && path[0] == '/' &&
		memchr(path, '\0', length) == NULL) {
		memcpy(home + sizeof(home_key) - 1, path, length);
		home[sizeof(home_key) - 1 + length] = '\0';
	}
	return 1;
}

/* Opens the file if it is one that can be read without waiting; -1 if not. An image may have a link
 * in its place: only then is it worth the walk that keeps to files of the image. */
static int passwd_open(void)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_fd int fd = openat(AT_FDCWD, "/etc/passwd", flags | O_NOFOLLOW);
	auto_fd int root = -1;
	struct stat status;

	if (fd < 0 && errno == ELOOP) {
		root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		fd = root < 0 ? -1 : resolve_open(root, "/etc/passwd", flags, 0);
	}
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return -1;
	return fd_take(&fd);
}

const char *gate_home(uint32_t uid)
{
	auto_fd int fd = passwd_open();
	static char buffer[2 * PATH_MAX];
	size_t used = 0, total = 0;
	ssize_t got;

	memcpy(home, "HOME=/", sizeof("HOME=/"));
	while (fd >= 0 && total < PASSWD_MAX &&
		(got = read(fd, buffer + used, sizeof(buffer) - used)) > 0) {
		const char *line = buffer, *newline;

		total += (size_t)got;
		used += (size_t)got;
		while ((newline = memchr(line, '\n', used)) != NULL) {
			size_t size = (size_t)(newline - line);

			if (line_take(line, size, uid))
				return home;
			line = newline + 1;
			used -= size + 1;
		}
		/* A line as long as the buffer is nobody's. */
		if (used == sizeof(buffer))
			used = 0;
		memmove(buffer, line, used);
	}
	line_take(buffer, used, uid);
	return home;
}

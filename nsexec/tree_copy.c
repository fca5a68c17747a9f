/*
 * The image may hold anything: links are copied as text, never followed; what was a file when it
 * was looked at is opened without following and looked at again.
 */
#include "nsexec/tree_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/syscalls.h"

#define DEPTH 64
#define XATTR_SIZE 4096

/* linux/dirent.h's struct linux_dirent64, as getdents64(2) fills it. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static int directory_copy(int from, int to, int depth);

static int attributes_copy(int from, int to)
{
	char names[XATTR_SIZE], value[XATTR_SIZE];
	ssize_t length = flistxattr(from, names, sizeof(names));

	if (length < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *name = names; name < names + length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof(value));

		if (size < 0)
			return -errno;
		if (fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != ENOTSUP)
			return -errno;
	}
	return 0;
}

/* Owner first: changing it takes set-id bits and file capabilities away. */
static int metadata_copy(int from, int to, const struct stat *st)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	int error;

	if (fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0)
		return -errno;
	error = attributes_copy(from, to);
	if (error < 0)
		return error;
	return futimens(to, times) < 0 ? -errno : 0;
}

static int file_copy(int from, const char *name, int to)
{
	auto_fd int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd int out = -1;
	struct stat st;
	ssize_t sent;

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EAGAIN;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	do
		sent = sendfile(out, in, NULL, 1 << 20);
	while (sent > 0);
	return sent < 0 ? -errno : metadata_copy(in, out, &st);
}

static int subtree_copy(int from, const char *name, int to, int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_fd int in = openat(from, name, flags), out = -1;

	if (in < 0 || mkdirat(to, name, 0700) < 0)
		return -errno;
	out = openat(to, name, flags);
	return out < 0 ? -errno : directory_copy(in, out, depth + 1);
}

/* A link, a node or a pipe: all that it is, is in its directory entry. */
static int special_copy(int from, const char *name, int to, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t length;

	if (S_ISLNK(st->st_mode)) {
		length = readlinkat(from, name, text, sizeof(text) - 1);
		if (length < 0)
			return -errno;
		text[length] = '\0';
		if (symlinkat(text, to, name) < 0)
			return -errno;
	} else if (mknodat(to, name, st->st_mode, st->st_rdev) < 0) {
		return -errno;
	}
	return fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int entry_copy(int from, const char *name, int to, int depth)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return subtree_copy(from, name, to, depth);
	if (S_ISREG(st.st_mode))
		return file_copy(from, name, to);
	return special_copy(from, name, to, &st);
}

static int directory_copy(int from, int to, int depth)
{
	_Alignas(struct entry) char buffer[2048];
	struct stat st;
	long length;

	if (depth > DEPTH)
		return -ELOOP;
	while ((length = syscall(SYS_getdents64, from, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const struct entry *)(buffer + at);
			int error = entry_copy(from, entry->name, to, depth);

			if (error < 0)
				return error;
			at += entry->length;
		}
	}
	if (length < 0 || fstat(from, &st) < 0)
		return -errno;
	return metadata_copy(from, to, &st);
}

int tree_copy(struct gate *gate, int from, int to, const char *path)
{
	auto_fd int in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = in < 0 || out < 0 ? -errno : directory_copy(in, out, 0);

	return error < 0 ? gate_failed(gate, WIRE_CALL_create, error, path) : 0;
}

/*
 * Removing what is ours and nothing else. Each name is unlinked relative to a descriptor of the
 * directory that holds it, and directories are entered by openat2 without symlinks and without
 * crossing a mount, so whatever a stranger puts there, we stay inside. The record goes last: a
 * removal that is killed can be repeated.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "state/record.h"
#include "state/store.h"

#define DEPTH_MAX 32 /* we make one directory here, with a socket in it */
#define ATTEMPTS 20  /* a monitor that is writing its last file may add one meanwhile */

static int directory_sweep(int parent, const char *name, const char *spared, int depth);

/* Removes one entry of a directory, whatever it is. Returns 0 or -errno. */
static int entry_remove(int dir, const char *name, int depth)
{
	int result;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	result = directory_sweep(dir, name, NULL, depth);
	if (result == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = -errno;
	return result;
}

/* Removes everything in a directory but the entry called spared; goes on after a failure and
 * returns the first. */
static int directory_sweep(int parent, const char *name, const char *spared, int depth)
{
	auto_fd int fd = sys_openat2(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	int result = 0;
	DIR *entries;

	if (fd < 0)
		return -errno;
	if (depth >= DEPTH_MAX)
		return -ELOOP;
	entries = fdopendir(fd);
	if (entries == NULL)
		return -errno;
	fd_take(&fd); /* closedir closes it */
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
		const char *own = entry->d_name;
		int failed;

		if (strcmp(own, ".") == 0 || strcmp(own, "..") == 0 ||
			(spared != NULL && strcmp(own, spared) == 0))
			continue;
		failed = entry_remove(dirfd(entries), own, depth + 1);
		if (result == 0)
			result = failed;
	}
	closedir(entries);
	return result;
}

/*
 * Removes the few files that one look into the directory finds, all but the record. False when
 * something else is there. Directories that are ours hold no more than this.
 */
static bool files_remove(int dir)
{
	/* what getdents64(2) gives, whatever a struct dirent of the C library is */
	struct entry {
		uint64_t inode, offset;
		uint16_t length;
		uint8_t type;
		char name[];
	};
	_Alignas(struct entry) char entries[2048];
	ssize_t length = syscall(SYS_getdents64, dir, entries, sizeof(entries));

	for (ssize_t at = 0; at < length;) {
		const struct entry *entry = (const struct entry *)(entries + at);

		at += entry->length;
		if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0 &&
			strcmp(entry->name, RECORD_FILE) != 0 && unlinkat(dir, entry->name, 0) < 0)
			return false;
	}
	return length > 0;
}

int container_remove(struct container *container, struct error *err)
{
	int result = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		result = 0;
		if (attempt > 0 || !files_remove(container->dir))
			result = directory_sweep(container->dir, ".", RECORD_FILE, 0);
		if (result == 0)
			result = entry_remove(container->dir, RECORD_FILE, 0);
		if (result == 0 && unlinkat(container->root, container->id, AT_REMOVEDIR) < 0 &&
			errno != ENOENT)
			result = -errno;
		if (result != -ENOTEMPTY && result != -EEXIST)
			break;
	}
	if (result < 0)
		error_set(err, ERROR_STATE, -result,
			"cannot remove the directory of container %s: %s", container->id,
			strerror(-result));
	return result;
}

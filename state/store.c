/*
 * Names decide everything here, so they are decided by the kernel: mkdir picks the one winner of an
 * id, flock the one who may change a container, and a directory that lost its last link tells a
 * late lock holder that there is nothing left to change. No id that passes the check can leave the
 * root: it holds no slash and does not begin with a dot.
 */
#include "state/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

#define ID_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"
#define LOOKS 10
#define LOOK_AGAIN 2000000 /* ns */
#define RESERVE_WAIT \
	1000 /* ms; only a forced delete of an id that has just been reserved competes */

static bool id_is_valid(const char *id)
{
	return id[0] != '\0' && strchr(ID_LETTERS, id[0]) != NULL &&
		id[strspn(id, ID_LETTERS ".")] == '\0' && strlen(id) <= CONTAINER_ID_MAX;
}

int container_id_check(const char *id, struct error *err)
{
	if (id_is_valid(id))
		return 0;
	error_set(err, ERROR_USAGE, EINVAL, "invalid container id \"%.100s\"", id);
	error_value(err, "%.100s", id);
	error_hint(
		err, "an id is made of letters, digits and _ + - . and does not begin with a dot");
	return -EINVAL;
}

/* Whether uid 0 here is not uid 0 of the host. */
static bool inside_user_namespace(void)
{
	auto_fd int fd = openat(AT_FDCWD, "/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned int inside, outside, count;
	char map[64];
	ssize_t length = fd < 0 ? -1 : read(fd, map, sizeof(map) - 1);

	if (length < 0)
		return false;
	map[length] = '\0';
	return sscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 ||
		outside != 0 || count != UINT_MAX;
}

int store_root(const char *given, char *buffer, size_t size, struct error *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	int length;

	if (runtime_dir != NULL && runtime_dir[0] == '\0') /* engines pass it empty for root */
		runtime_dir = NULL;
	if (given != NULL)
		length = snprintf(buffer, size, "%s", given);
	else if (runtime_dir != NULL && (geteuid() != 0 || inside_user_namespace()))
		length = snprintf(buffer, size, "%s/mydocker", runtime_dir);
	else if (geteuid() != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"no state directory: XDG_RUNTIME_DIR is not set; give one with --root");
	else
		length = snprintf(buffer, size, "%s", STORE_ROOT);
	if (length == 0)
		return error_set(err, ERROR_USAGE, EINVAL, "the state directory's name is empty");
	if ((size_t)length >= size)
		return error_set(
			err, ERROR_USAGE, ENAMETOOLONG, "the state directory's name is too long");
	return 0;
}

/* Makes the root with its parents; what exists is left as it is. */
static int root_make(const char *root, struct error *err)
{
	char path[PATH_MAX];

	if (mkdir(root, 0700) == 0 || errno == EEXIST)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s", root) >= sizeof(path))
		return error_set(
			err, ERROR_STATE, ENAMETOOLONG, "the state root's name is too long");
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set(
			err, ERROR_STATE, errno, "cannot make the state root %s: %m", root);
	return 0;
}

static int error_root(const char *root, struct error *err)
{
	return error_set(err, ERROR_STATE, errno, "cannot open the state root %s: %m", root);
}

static int root_open(const char *root, struct error *err)
{
	int fd = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : error_root(root, err);
}

/* Mostly it is there. */
static int root_enter(const char *root, struct error *err)
{
	int fd = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 && errno == ENOENT ? root_make(root, err) : 0;

	return fd >= 0 || result < 0 ? fd >= 0 ? fd : result : root_open(root, err);
}

int container_missing(const char *id, struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, ENOENT, "container does not exist: %s", id);
	error_value(err, "%s", id);
	return -ENOENT;
}

static int directory_open(int root_fd, const char *id)
{
	int fd = openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

static int error_no_reservation(const char *id, int number, struct error *err)
{
	if (number == EEXIST)
		error_set(err, ERROR_EXISTS, number, "container with given ID already exists: %s",
			id);
	else
		error_set(err, ERROR_STATE, number, "cannot make the directory of container %s: %s",
			id, strerror(number));
	error_value(err, "%s", id);
	return -number;
}

int container_reserve(
	struct container *container, const char *root, const char *id, struct error *err)
{
	int result = container_id_check(id, err);

	if (result == 0)
		result = container->root = root_enter(root, err);
	if (result < 0)
		return result;
	if (mkdirat(container->root, id, 0700) < 0)
		return error_no_reservation(id, errno, err);
	strcpy(container->id, id);
	container->dir = directory_open(container->root, id);
	if (container->dir < 0)
		result = error_set(err, ERROR_STATE, -container->dir,
			"cannot open the directory of container %s: %s", id,
			strerror(-container->dir));
	else
		result = container_lock(container, RESERVE_WAIT, err);
	if (result < 0) {
		unlinkat(container->root, id, AT_REMOVEDIR);
		container_leave(container);
	}
	return result;
}

int container_enter_at(struct container *container, int root_fd, const char *id, struct error *err)
{
	int fd, result = container_id_check(id, err);

	if (result < 0)
		return result;
	fd = directory_open(root_fd, id);
	if (fd == -ENOENT || fd == -ENAMETOOLONG)
		return container_missing(id, err);
	if (fd < 0)
		return error_set(err, ERROR_STATE, -fd,
			"cannot open the directory of container %s: %s", id, strerror(-fd));
	container->dir = fd;
	strcpy(container->id, id);
	return 0;
}

int container_enter(
	struct container *container, const char *root, const char *id, struct error *err)
{
	auto_fd int root_fd = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result = container_id_check(id, err);

	if (result < 0)
		return result;
	if (root_fd < 0)
		return errno == ENOENT ? container_missing(id, err) : error_root(root, err);
	result = container_enter_at(container, root_fd, id, err);
	if (result == 0)
		container->root = fd_take(&root_fd);
	return result;
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* flock has no deadline of its own, so it is asked again, at first often. Who need not wait asks no
 * clock, which the first time costs more than the lock. */
int container_lock(struct container *container, int milliseconds, struct error *err)
{
	int64_t deadline = 0, now;
	struct stat directory;

	for (long wait = 1; flock(container->dir, LOCK_EX | LOCK_NB) < 0;
		wait = wait < 16 ? wait * 2 : wait) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_set(err, ERROR_STATE, errno, "cannot lock container %s: %m",
				container->id);
		now = milliseconds_now();
		deadline = deadline ? deadline : now + milliseconds;
		if (now >= deadline)
			return error_set(err, ERROR_STATE, EBUSY,
				"container %s is in use by another mydocker", container->id);
		nanosleep(&(struct timespec){.tv_nsec = wait * 1000000}, NULL);
	}
	if (fstat(container->dir, &directory) == 0 && directory.st_nlink == 0)
		return container_missing(container->id, err);
	return 0;
}

void container_unlock(const struct container *container)
{
	flock(container->dir, LOCK_UN);
}

/* A directory is there before it is locked: so it is looked at more than once. */
bool container_is_busy(const struct container *container)
{
	auto_fd int fd = directory_open(container->dir, ".");
	struct stat directory;

	for (int look = 0; look < LOOKS && fd >= 0; look++) {
		if (look > 0)
			nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN}, NULL);
		if (flock(fd, LOCK_SH | LOCK_NB) < 0)
			return errno == EWOULDBLOCK;
		if (fstat(fd, &directory) == 0 && directory.st_nlink == 0)
			return true;
		flock(fd, LOCK_UN);
	}
	return false;
}

void container_leave(struct container *container)
{
	fd_cleanup(&container->dir);
	fd_cleanup(&container->root);
	*container = CONTAINER_NONE;
}

/* The ids below a root, in an array that grows as they are read. */
struct ids {
	size_t count, room;
	char **items;
};

static void ids_free(struct ids *ids)
{
	for (size_t i = 0; i < ids->count; i++)
		free(ids->items[i]);
	free(ids->items);
}

static int ids_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int ids_add(struct ids *ids, const char *id)
{
	if (ids->count == ids->room) {
		size_t room = ids->room ? 2 * ids->room : 64;
		char **items = reallocarray(ids->items, room, sizeof(*items));

		if (items == NULL)
			return -ENOMEM;
		ids->items = items;
		ids->room = room;
	}
	ids->items[ids->count] = strdup(id);
	return ids->items[ids->count++] == NULL ? -ENOMEM : 0;
}

/* Sorted by name. Takes the descriptor. */
static int ids_read(int fd, struct ids *ids)
{
	DIR *root = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (root == NULL)
		return -errno;
	while (result == 0 && (errno = 0, entry = readdir(root)) != NULL)
		if (id_is_valid(entry->d_name) &&
			(entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
			result = ids_add(ids, entry->d_name);
	if (result == 0)
		result = -errno; /* 0 at the end of the directory */
	closedir(root);
	if (result == 0 && ids->count > 0)
		qsort(ids->items, ids->count, sizeof(*ids->items), ids_compare);
	return result;
}

int store_each(const char *root, int (*visit)(const char *id, int root_fd, void *context),
	void *context, struct error *err)
{
	__attribute__((cleanup(ids_free))) struct ids ids = {0};
	auto_fd int fd = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int list, result;

	if (fd < 0 && errno == ENOENT)
		return 0;
	list = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	result = list < 0 ? -errno : ids_read(list, &ids);
	if (result < 0)
		return error_set(err, ERROR_STATE, -result, "cannot read the state root %s: %s",
			root, strerror(-result));
	for (size_t i = 0; i < ids.count && result == 0; i++)
		result = visit(ids.items[i], fd, context);
	return result;
}

/*
 * Paths are resolved once, at the beginning, into what the kernel calls them: whoever renames a
 * link afterwards changes nothing, and what is printed and recorded is where the container really
 * is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/bundle.h"
#include "runtime/plan/blame.h"

#define INITIAL_USER_NAMESPACE \
	0xEFFFFFFDu /* its inode, fixed since Linux 3.8: PROC_USER_INIT_INO */

/* True when no part of a path is empty, "." or "..". */
static bool path_is_plain(const char *path)
{
	size_t length;

	for (path += path[0] == '/';; path += length + 1) {
		length = strcspn(path, "/");
		if (length == 0 || strncmp(path, ".", length) == 0 ||
			strncmp(path, "..", length) == 0)
			return false;
		if (path[length] == '\0')
			return true;
	}
}

/* A plain path on which there is no symbolic link is what the kernel calls the directory: asked
 * through /proc it would have to make up half a dozen files first. */
static int directory_open(int base, const char *above, const char *path, char absolute[PATH_MAX])
{
	const char *between = "/";
	int fd;

	if (path[0] == '/')
		above = between = "";
	if (!path_is_plain(path) || !above || strcmp(above, "/") == 0 ||
		strlen(above) + strlen(between) + strlen(path) >= PATH_MAX)
		return -ELOOP;
	stpcpy(stpcpy(stpcpy(absolute, above), between), path);
	fd = sys_openat2(base, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
	return fd < 0 ? -errno : fd;
}

int directory_find(int base, const char *above, const char *path, char absolute[PATH_MAX])
{
	auto_fd int fd = directory_open(base, above, path, absolute);
	char link[64];
	ssize_t length;

	if (fd >= 0)
		return fd_take(&fd);
	fd = openat(base, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, absolute, PATH_MAX);
	if (length < 0)
		return -errno;
	if (length >= PATH_MAX)
		return -ENAMETOOLONG;
	absolute[length] = '\0';
	return absolute[0] == '/' ? fd_take(&fd) : -ENOENT;
}

/* AT_FDCWD when none is named: where we are needs no descriptor. */
static int bundle_find(const char *directory, char bundle[PATH_MAX])
{
	if (directory)
		return directory_find(AT_FDCWD, NULL, directory, bundle);
	if (!getcwd(bundle, PATH_MAX))
		return -errno;
	return bundle[0] == '/' ? AT_FDCWD : -ENOENT;
}

int bundle_read(const char *directory, const char *file, struct spec *spec, char bundle[PATH_MAX],
	char rootfs[PATH_MAX], struct error *err)
{
	auto_fd int fd = bundle_find(directory, bundle);
	auto_fd int root = -1;
	int result;

	if (fd < 0 && fd != AT_FDCWD)
		return error_set(err, ERROR_BUNDLE, -fd, "cannot open the bundle %s: %s",
			directory ? directory : ".", strerror(-fd));
	result = spec_read(spec, fd, file ? file : "config.json", err);
	if (result == -ENOENT)
		error_hint(err, "%s is no bundle; --bundle names another, and `spec` writes one",
			bundle);
	if (result < 0)
		return result;
	root = directory_find(fd, bundle, spec->config.root->path, rootfs);
	if (root < 0) {
		error_set(err, ERROR_BUNDLE, -root, "cannot open the root filesystem %s: %s",
			spec->config.root->path, strerror(-root));
		blame(err, spec, NULL, &spec->config.root->path);
		error_value(err, "%s", spec->config.root->path);
		error_hint(err, "a relative path starts at the bundle, %s", bundle);
		return -err->number;
	}
	return 0;
}

int bundle_invent(const char *directory, struct spec *spec, char bundle[PATH_MAX],
	char rootfs[PATH_MAX], struct error *err)
{
	auto_fd int root = directory_find(AT_FDCWD, NULL, directory, rootfs);
	auto_fd int here = directory_find(AT_FDCWD, NULL, ".", bundle);
	struct spec draft = {0};
	const char *text;
	size_t length;
	int result;

	if (root < 0 || here < 0)
		return error_set(err, ERROR_BUNDLE, root < 0 ? -root : -here,
			"cannot open the root filesystem %s: %s", directory,
			strerror(root < 0 ? -root : -here));
	text = spec_default(&draft.arena, !host_is_ours(), true, err);
	result = text ? spec_decode(&draft, text, strlen(text), err) : -err->number;
	if (result == 0) {
		draft.config.root->path = rootfs;
		draft.config.root->readonly = (struct maybe_bool){0};
		draft.config.process->terminal = (struct maybe_bool){0};
		text = table_encode(
			&spec_config_table, &draft.config, 0, &draft.arena, &length, err);
		result = text ? spec_decode(spec, text, length, err) : -err->number;
	}
	spec_free(&draft);
	return result;
}

bool host_is_ours(void)
{
	struct stat namespace;

	return getauxval(AT_EUID) == 0 && stat("/proc/self/ns/user", &namespace) == 0 &&
		namespace.st_ino == INITIAL_USER_NAMESPACE;
}

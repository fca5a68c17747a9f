/* spec: a config.json to begin with. An existing one is somebody's work and is never overwritten.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "runtime/verb/verbs.h"
#include "spec/spec.h"

static int text_write(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t written = write(fd, text, left);

		if (written < 0)
			return -errno;
		text += written;
		left -= (size_t)written;
	}
	return 0;
}

static int config_write(
	const char *directory, const char *file, const char *text, struct error *err)
{
	char bundle[PATH_MAX];
	auto_fd int base = directory_find(AT_FDCWD, NULL, directory, bundle);
	auto_fd int fd = -1;
	int result;

	if (base < 0)
		return error_set(err, ERROR_BUNDLE, -base, "cannot open the bundle %s: %s",
			directory, strerror(-base));
	fd = openat(base, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return error_set(err, ERROR_EXISTS, EEXIST,
			"%s in %s exists and is not overwritten", file, bundle);
	if (fd < 0)
		return error_set(
			err, ERROR_BUNDLE, errno, "cannot make %s in %s: %m", file, bundle);
	result = text_write(fd, text);
	if (result < 0) {
		unlinkat(base, file, 0);
		return error_set(err, ERROR_BUNDLE, -result, "cannot write %s in %s: %s", file,
			bundle, strerror(-result));
	}
	return 0;
}

/*
 * With cgroup v1 a namespace of its own hides from a container which of many trees it is in, and
 * from those who look for it, too: as elsewhere, it is asked for only where there is one tree.
 */
static bool cgroup_is_one(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

int verb_spec(const struct command *command, struct error *err)
{
	const char *directory = command->value[OPTION_bundle];
	const char *file = command->value[OPTION_file];
	struct arena arena = {0};
	const char *text =
		spec_default(&arena, command->given[OPTION_spec_rootless], cgroup_is_one(), err);
	int result = text
		? config_write(directory ? directory : ".", file ? file : "config.json", text, err)
		: -ENOMEM;

	arena_free(&arena);
	return result;
}

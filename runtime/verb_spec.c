/* spec: a config.json to begin with. An existing one is somebody's work and is never overwritten.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "runtime/verbs.h"
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

static int config_write(const char *directory, const char *text, struct error *err)
{
	char bundle[PATH_MAX];
	auto_fd int base = directory_find(AT_FDCWD, directory, bundle);
	auto_fd int fd = -1;
	int result;

	if (base < 0)
		return error_set(err, ERROR_BUNDLE, -base, "cannot open the bundle %s: %s",
			directory, strerror(-base));
	fd = openat(base, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return error_set(err, ERROR_EXISTS, EEXIST,
			"%s/config.json exists and is not overwritten", bundle);
	if (fd < 0)
		return error_set(
			err, ERROR_BUNDLE, errno, "cannot make %s/config.json: %m", bundle);
	result = text_write(fd, text);
	if (result < 0) {
		unlinkat(base, "config.json", 0);
		return error_set(err, ERROR_BUNDLE, -result, "cannot write %s/config.json: %s",
			bundle, strerror(-result));
	}
	return 0;
}

int verb_spec(const struct command *command, struct error *err)
{
	const char *directory = command->value[OPTION_bundle];
	struct arena arena = {0};
	const char *text = spec_default(&arena, command->given[OPTION_rootless], err);
	int result = text ? config_write(directory ? directory : ".", text, err) : -ENOMEM;

	arena_free(&arena);
	return result;
}

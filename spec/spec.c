/*
 * A configuration is read once, whole, and its bytes are kept: the record of the container holds
 * exactly what was decided upon, whatever happens to the file afterwards. The file may be anything
 * a stranger put there: a FIFO would block, a device or a huge file would never end. A process
 * document is named by the caller alone, and shells hand such things over as pipes.
 */
#include "spec/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "spec/json.h"
#include "spec/rules.h"

#define PIPED_MAX ((size_t)1024 * 1024) /* bytes of a document that comes through a pipe */

static int file_refuse(struct error *err, const char *path, int number)
{
	return error_set(err, ERROR_BUNDLE, number, "cannot read %s: %s", path, strerror(number));
}

static int size_refuse(struct error *err, const char *path, size_t most)
{
	return error_set(
		err, ERROR_CONFIG_SYNTAX, EFBIG, "%s is larger than %zu MiB", path, most >> 20);
}

/* Opens without blocking; only a regular file will do, or a pipe where one is expected. */
static int file_open(int dirfd, const char *path, bool piped, size_t *size, struct error *err)
{
	auto_fd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return file_refuse(err, path, errno);
	if (piped && S_ISFIFO(status.st_mode)) {
		*size = PIPED_MAX;
		return fcntl(fd, F_SETFL, 0) < 0 ? file_refuse(err, path, errno) : fd_take(&fd);
	}
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_BUNDLE, EINVAL, "%s is not a regular file", path);
	if ((uint64_t)status.st_size > JSON_SIZE_MAX)
		return size_refuse(err, path, JSON_SIZE_MAX);
	*size = (size_t)status.st_size;
	return fd_take(&fd);
}

static int file_read(struct spec *spec, int dirfd, const char *path, bool piped, struct error *err)
{
	size_t size = 0;
	auto_fd int fd = file_open(dirfd, path, piped, &size, err);
	char *bytes;
	ssize_t got;

	if (fd < 0)
		return fd;
	bytes = arena_alloc(&spec->arena, size + 1);
	if (bytes == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "no memory is left");
	spec->length = 0;
	while (spec->length < size) {
		got = read(fd, bytes + spec->length, size - spec->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_refuse(err, path, errno);
		if (got == 0)
			break;
		spec->length += (size_t)got;
	}
	if (piped && spec->length == PIPED_MAX)
		return size_refuse(err, path, PIPED_MAX);
	bytes[spec->length] = '\0';
	spec->bytes = bytes;
	return 0;
}

static int bytes_decode(struct spec *spec, struct error *err)
{
	int status = table_decode(&spec_config_table, &spec->config, spec->bytes, spec->length,
		&spec->arena, &spec->warnings, err);

	return status < 0 ? status : spec_check(&spec->config, err);
}

int spec_read(struct spec *spec, int dirfd, const char *path, struct error *err)
{
	int status = file_read(spec, dirfd, path, false, err);

	return status < 0 ? status : bytes_decode(spec, err);
}

int spec_decode(struct spec *spec, const char *bytes, size_t length, struct error *err)
{
	spec->bytes = arena_copy(&spec->arena, bytes, length);
	spec->length = length;
	if (spec->bytes == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "no memory is left");
	return bytes_decode(spec, err);
}

int spec_read_process(struct spec *spec, int dirfd, const char *path, struct spec_process **process,
	struct error *err)
{
	int status = file_read(spec, dirfd, path, true, err);

	if (status < 0)
		return status;
	*process = arena_alloc(&spec->arena, sizeof(**process));
	if (*process == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "no memory is left");
	status = table_decode(&spec_process_table, *process, spec->bytes, spec->length,
		&spec->arena, &spec->warnings, err);
	return status < 0 ? status : rules_check(&spec_process_table, *process, NULL, err);
}

int spec_check(const struct spec_config *config, struct error *err)
{
	return rules_check(&spec_config_table, config, config, err);
}

void spec_free(struct spec *spec)
{
	arena_free(&spec->arena);
	*spec = (struct spec){0};
}

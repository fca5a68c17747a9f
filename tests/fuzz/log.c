/*
 * Fuzzing the reader of logs: an index of any bytes, whole or cut, beside a log. Nothing of it may
 * lead it astray, and it ends.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "state/log.h"
#include "tests/fuzz/replay.h"

#define LOG_LENGTH 200

static void file_write(int dir, const char *name, const uint8_t *data, size_t size)
{
	auto_fd int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
}

static void log_read(const struct container *container, FILE *out, int64_t tail, bool times)
{
	struct log_view view = {.out = out, .err = out, .tail = tail, .times = times};
	struct error err = {0};
	bool missed = false;

	view.streams = times ? 1U << LOG_STDERR : 0;
	log_copy(container, &view, -1, &missed, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t text[LOG_LENGTH] =
		"one line\nanother line\nand a last one without end";
	char path[] = "/tmp/mydocker-fuzz-XXXXXX";
	struct container container = CONTAINER_NONE;
	FILE *out = fopen("/dev/null", "w");

	if (out == NULL || mkdtemp(path) == NULL)
		abort();
	strcpy(container.id, "fuzz");
	container.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file_write(container.dir, LOG_FILE, text, sizeof(text));
	file_write(container.dir, LOG_INDEX_FILE, data, size);
	log_read(&container, out, -1, false);
	log_read(&container, out, 2, true);
	unlinkat(container.dir, LOG_FILE, 0);
	unlinkat(container.dir, LOG_INDEX_FILE, 0);
	close(container.dir);
	rmdir(path);
	fclose(out);
	return 0;
}

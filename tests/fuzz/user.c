/*
 * Fuzzing the readers of an image's /etc/passwd and /etc/group: names and ids for exec and run, and
 * the home of a user. The first line of the input is the user that is asked for, the rest both
 * files.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The line reader of the gate is its own: the file is taken in, beside the one that is linked. */
#define gate_home gate_home_here
#include "nsexec/home.c"
#include "runtime/user.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/replay.h"

static void file_write(int root, const char *path, const uint8_t *data, size_t size)
{
	auto_fd int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
}

static int root_make(void)
{
	char path[] = "/tmp/mydocker-fuzz-XXXXXX";
	int root;

	if (mkdtemp(path) == NULL)
		abort();
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mkdirat(root, "etc", 0700) < 0)
		abort();
	return root;
}

static void root_remove(int root)
{
	char path[PATH_MAX], link[32];
	ssize_t length;

	unlinkat(root, "etc/passwd", 0);
	unlinkat(root, "etc/group", 0);
	unlinkat(root, "etc", AT_REMOVEDIR);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	length = readlink(link, path, sizeof(path) - 1);
	if (length > 0) {
		path[length] = '\0';
		rmdir(path);
	}
	close(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	size_t length = newline != NULL ? (size_t)(newline - data) : size;
	const uint8_t *files = newline != NULL ? newline + 1 : data + size;
	size_t files_size = (size_t)(data + size - files);
	struct arena arena = {0};
	struct spec_user user = {0};
	struct error err = {0};
	int root = root_make();
	char *name = strndup((const char *)data, length);

	file_write(root, "etc/passwd", files, files_size);
	file_write(root, "etc/group", files, files_size);
	if (user_find(root, name, &arena, &user, &err) < 0)
		refusal_check(&err);
	else if (user.uid.value >= UINT32_MAX || user.gid.value >= UINT32_MAX)
		abort();
	line_take((const char *)files, files_size, 1);
	free(name);
	arena_free(&arena);
	root_remove(root);
	return 0;
}

/* The cache of compiled profiles: used when it is whole, mended when it is not, trusted only when
 * nobody else can write to it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/seccomp/seccomp.h"
#include "runtime/sha256.h"
#include "tests/unit/tap.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static char root[64];
static struct spec spec;

/* The path of the one file in the cache, or "". */
static char *cached(void)
{
	static char path[512];
	char directory[128];
	DIR *dir;

	snprintf(directory, sizeof(directory), "%s/.seccomp", root);
	path[0] = '\0';
	dir = opendir(directory);
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
		if (e->d_name[0] != '.')
			snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
	if (dir != NULL)
		closedir(dir);
	return path;
}

/* What seccomp_program hands out; the length, or -1. */
static ssize_t program(struct sock_filter *instructions, size_t size)
{
	struct error err = {0};
	auto_fd int fd = seccomp_program(&spec, spec.config.linux->seccomp, root, &err);

	if (fd < 0) {
		printf("# %s\n", err.message);
		return -1;
	}
	if ((fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
		return -1;
	return pread(fd, instructions, size, 0);
}

static ino_t inode(const char *path)
{
	struct stat st = {0};

	lstat(path, &st);
	return st.st_ino;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void damage_truncate(const char *path)
{
	ok(truncate(path, 60) == 0, "a file that was cut short");
}

static void damage_byte(const char *path)
{
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte = 0;

	ok(pread(fd, &byte, 1, 55) == 1 && (byte ^= 1, pwrite(fd, &byte, 1, 55)) == 1,
		"a file in which one bit is another");
}

static void damage_empty(const char *path)
{
	ok(truncate(path, 0) == 0, "an empty file");
}

static void damage_link(const char *path)
{
	unlink(path);
	ok(symlink("/etc/passwd", path) == 0, "a symbolic link");
}

static void damage_fifo(const char *path)
{
	unlink(path);
	ok(mkfifo(path, 0600) == 0, "a fifo");
}

static void (*const damages[])(const char *) = {
	damage_truncate, damage_byte, damage_empty, damage_link, damage_fifo};

/* Puts another program into the cache, with everything that makes it valid. */
static void plant(const char *path)
{
	static const struct sock_filter other = {0x06, 0, 0, 0x7fff0000};
	uint8_t digest[SHA256_SIZE];
	struct sha256 hash;
	auto_fd int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	sha256_begin(&hash);
	sha256_add(&hash, &other, sizeof(other));
	sha256_end(&hash, digest);
	ok(write(fd, "seccomp1", 8) == 8 && write(fd, digest, sizeof(digest)) == sizeof(digest) &&
			write(fd, &other, sizeof(other)) == sizeof(other),
		"another program is put there");
}

int main(void)
{
	static const char json[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":{"
		"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\",\"write\"]"
		","
		"\"action\":\"SCMP_ACT_ALLOW\"}]}}}";
	static struct sock_filter first[4096], again[4096];
	char directory[128], path[512];
	struct error err = {0};
	struct stat st;
	ssize_t length;
	ino_t before;

	snprintf(root, sizeof(root), "/tmp/seccomp_cache.XXXXXX");
	ok(mkdtemp(root) != NULL && spec_decode(&spec, json, strlen(json), &err) == 0, "a profile");
	length = program(first, sizeof(first));
	ok(length > 0 && length % (ssize_t)sizeof(first[0]) == 0, "a sealed program comes out");
	snprintf(path, sizeof(path), "%s", cached());
	ok(stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0600,
		"it is kept, for its owner only");
	snprintf(directory, sizeof(directory), "%s/.seccomp", root);
	ok(stat(directory, &st) == 0 && (st.st_mode & 07777) == 0700, "in a directory of its own");
	before = inode(path);
	ok(program(again, sizeof(again)) == length && memcmp(first, again, (size_t)length) == 0 &&
			inode(path) == before,
		"the second time it comes from there");

	for (size_t i = 0; i < array_size(damages); i++) {
		damages[i](path);
		ok(program(again, sizeof(again)) == length &&
				memcmp(first, again, (size_t)length) == 0,
			"is not used");
		ok(stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == length + 40,
			"and mended");
	}

	plant(path);
	is_number(program(again, sizeof(again)), sizeof(again[0]), "what is valid is used");
	chmod(directory, 0777);
	is_number(program(again, sizeof(again)), length,
		"nothing is used where others could have written");
	chmod(directory, 0700);

	spec.config.linux->seccomp->default_errno_ret.given = true;
	spec.config.linux->seccomp->default_errno_ret.value = 2;
	ok(program(again, sizeof(again)) > 0 && memcmp(first, again, (size_t)length) != 0,
		"another profile is another program");

	nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	is_number(program(again, sizeof(again)) > 0, 1,
		"without a directory there is no cache, only time");
	spec_free(&spec);
	return tap_end();
}

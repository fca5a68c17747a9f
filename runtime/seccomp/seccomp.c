/*
 * The cache of compiled profiles. Compiling the default profile of an engine takes fifteen
 * milliseconds, longer than everything else that a container needs, and the same few profiles come
 * again and again. A file of the cache is named by the hash of everything that shapes its program,
 * and holds the hash of the program itself: one that was cut short or changed is compiled anew.
 * What is handed out is never the file but a sealed copy, so that nothing of the host's is open in
 * a container.
 */
#include "runtime/seccomp/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/sha256.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define CACHE_DIRECTORY ".seccomp"
#define CACHE_VERSION 3 /* of the compiled program: any change in what compiles it */
#define KEY_SIZE (2 * SHA256_SIZE + 1)

/* A file of the cache: this, then the instructions. */
struct cache_file {
	char magic[8];
	uint8_t digest[SHA256_SIZE]; /* of the instructions */
	struct sock_filter program[];
};

static const char cache_magic[8] = "seccomp1";

uint64_t seccomp_flags(const struct spec_seccomp *seccomp)
{
	uint64_t flags = seccomp->flags.given ? 0 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	for (uint32_t i = 0; i < seccomp->flags.count; i++)
		flags |= (uint64_t)seccomp->flags.items[i];
	/* it is about waiting for the listener, and the kernel refuses it without one */
	if (!seccomp_notifies(seccomp))
		flags &= ~(uint64_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	return flags;
}

bool seccomp_notifies(const struct spec_seccomp *seccomp)
{
	bool notifies = seccomp->default_action.value == SECCOMP_RET_USER_NOTIF;

	for (uint32_t i = 0; i < seccomp->syscalls.count; i++)
		notifies |= seccomp->syscalls.items[i].action.value == SECCOMP_RET_USER_NOTIF;
	return notifies && seccomp->listener_path != NULL;
}

static void digest_program(
	const struct sock_filter *program, uint32_t count, uint8_t digest[SHA256_SIZE])
{
	struct sha256 hash;

	sha256_begin(&hash);
	sha256_add(&hash, program, count * sizeof(*program));
	sha256_end(&hash, digest);
}

/* The name of a profile in the cache. */
static int cache_key(const struct spec_seccomp *seccomp, struct arena *arena, char key[KEY_SIZE],
	struct error *err)
{
	struct spec_seccomp shape = *seccomp;
	uint32_t versions[5] = {CACHE_VERSION};
	uint8_t digest[SHA256_SIZE];
	struct sha256 hash;
	const char *text;
	size_t length;

	/* What does not shape the program does not make another one. */
	shape.flags = (struct int_list){0};
	shape.listener_path = NULL;
	shape.listener_metadata = NULL;
	text = table_encode(&spec_seccomp_table, &shape, 0, arena, &length, err);
	if (text == NULL)
		return -ENOMEM;
	seccomp_library(versions + 1);
	sha256_begin(&hash);
	sha256_add(&hash, versions, sizeof(versions));
	sha256_add(&hash, text, length);
	sha256_end(&hash, digest);
	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(key + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

/* Reads a program from the cache; false when there is none that can be used. */
static bool cache_read(int dir, const char *key, struct arena *arena, struct sock_filter **program,
	uint32_t *count)
{
	auto_fd int fd = openat(dir, key, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint8_t digest[SHA256_SIZE];
	struct cache_file *file;
	struct stat st;
	size_t length;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		(size_t)st.st_size <= sizeof(*file))
		return false;
	length = (size_t)st.st_size - sizeof(*file);
	if (length % sizeof(**program) != 0 || length / sizeof(**program) > BPF_MAXINSNS)
		return false;
	file = arena_alloc(arena, (size_t)st.st_size);
	if (file == NULL || read(fd, file, (size_t)st.st_size) != st.st_size)
		return false;
	*program = file->program;
	*count = (uint32_t)(length / sizeof(**program));
	digest_program(*program, *count, digest);
	return memcmp(file->magic, cache_magic, sizeof(cache_magic)) == 0 &&
		memcmp(file->digest, digest, sizeof(digest)) == 0;
}

/* Puts a program into the cache: a file without a name until it is whole. False: next time perhaps.
 */
static bool cache_write(int dir, const char *key, const struct sock_filter *program, uint32_t count)
{
	auto_fd int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	size_t length = count * sizeof(*program);
	struct cache_file head;
	char path[32];

	if (fd < 0)
		return false;
	memcpy(head.magic, cache_magic, sizeof(head.magic));
	digest_program(program, count, head.digest);
	if (write(fd, &head, sizeof(head)) != (ssize_t)sizeof(head) ||
		write(fd, program, length) != (ssize_t)length)
		return false;
	/* What stands there under this name could not be used. */
	unlinkat(dir, key, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, dir, key, AT_SYMLINK_FOLLOW) == 0;
}

/* The cache's directory, made when missing; -1 when there cannot be one. */
static int cache_open(const char *root)
{
	auto_fd int dir = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int cache;

	if (dir < 0)
		return -1;
	cache = openat(dir, CACHE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cache < 0 && errno == ENOENT && mkdirat(dir, CACHE_DIRECTORY, 0700) == 0)
		cache = openat(
			dir, CACHE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* Whoever else can write there could write programs. */
	if (cache >= 0 &&
		(fstat(cache, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 022) != 0)) {
		close(cache);
		return -1;
	}
	return cache;
}

/* A sealed memory file with the program. */
static int program_seal(const struct sock_filter *program, uint32_t count, struct error *err)
{
	size_t length = count * sizeof(*program);
	auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	/* Before Linux 6.3 no host demanded the last of these flags, and none knew it. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("seccomp", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || pwrite(fd, program, length, 0) != (ssize_t)length ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
			0)
		return error_set(
			err, ERROR_SECCOMP, errno, "cannot hold the seccomp program in memory: %m");
	return fd_take(&fd);
}

static void arena_cleanup(struct arena *arena)
{
	arena_free(arena);
}

int seccomp_program(const struct spec *spec, const struct spec_seccomp *seccomp, const char *root,
	struct error *err)
{
	__attribute__((cleanup(arena_cleanup))) struct arena arena = {0};
	struct sock_filter *program;
	auto_fd int cache = -1;
	char key[KEY_SIZE];
	uint32_t count;
	int result = cache_key(seccomp, &arena, key, err);

	if (result < 0)
		return result;
	cache = cache_open(root);
	if (cache < 0 || !cache_read(cache, key, &arena, &program, &count)) {
		result = seccomp_compile(spec, seccomp, &arena, &program, &count, err);
		if (result < 0)
			return result;
		seccomp_shorten(&arena, &program, &count);
		if (cache >= 0)
			cache_write(cache, key, program, count);
	}
	return program_seal(program, count, err);
}

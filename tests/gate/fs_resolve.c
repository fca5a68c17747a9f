/* The resolver against trees that want to lead it out of the root, with openat2 and without. */
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>

#include "nsexec/resolve.h"
#include "tests/gate/scene.h"

static const char *way; /* how this kernel resolves, for the names of the tests */
static int root = -1;

/* The inode that a path of the container leads to, 0 and errno when it leads nowhere. */
static ino_t resolved(const char *path, int flags, uint64_t constraints)
{
	auto_fd int fd = resolve_open(root, path, O_PATH | flags, constraints);
	struct stat st;

	errno = fd < 0 ? -fd : 0;
	return fd < 0 || fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

static ino_t inode(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_ino;
}

static void leads(const char *path, const char *where)
{
	ino_t found = resolved(path, 0, 0);

	ok(found != 0 && found == inode(where), "%s: %s leads to %s", way, path, where);
}

static void fails(const char *path, int flags, uint64_t constraints, int error)
{
	ino_t found = resolved(path, flags, constraints);

	ok(found == 0 && errno == error, "%s: %s is refused: %s", way, path, strerror(error));
}

static void tree_make(void)
{
	mkdir(ROOT "/dir", 0755);
	mkdir(ROOT "/dir/sub", 0755);
	file_write(ROOT "/file", "");
	mkdir(ROOT "/mnt", 0755);
	mkdir(ROOT "/mnt/outside", 0755);
	link_make_at(ROOT "/absolute", "/mnt/outside");
	link_make_at(ROOT "/dir/climb", "../../../../mnt/outside");
	link_make_at(ROOT "/loop", "loop");
	link_make_at(ROOT "/dir/chain", "/dir/back");
	link_make_at(ROOT "/dir/back", "../file");
	link_make_at(ROOT "/relative", "dir/sub");
	mkdir(ROOT "/proc", 0755);
	mount("proc", ROOT "/proc", "proc", 0, NULL);
}

static void test_existing(void)
{
	leads("/dir/sub", ROOT "/dir/sub");
	leads("dir//./sub/", ROOT "/dir/sub");
	leads("/", ROOT);
	leads("/../../..", ROOT);
	leads("/dir/sub/../../file", ROOT "/file");
	leads("/relative", ROOT "/dir/sub");
	leads("/relative/..", ROOT "/dir");
	leads("/dir/chain", ROOT "/file");
	leads("/absolute", ROOT "/mnt/outside");
	leads("/dir/climb", ROOT "/mnt/outside");
	fails("", 0, 0, ENOENT);
	fails("/loop", 0, 0, ELOOP);
	fails("/missing", 0, 0, ENOENT);
	fails("/dir/missing/sub", 0, 0, ENOENT);
	fails("/file/sub", 0, 0, ENOTDIR);
	fails("/file", O_DIRECTORY, 0, ENOTDIR);
	fails("/relative", 0, RESOLVE_NO_SYMLINKS, ELOOP);
	fails("/relative/x", 0, RESOLVE_NO_SYMLINKS, ELOOP);
	is_number(resolved("/relative", O_NOFOLLOW, 0), inode(ROOT "/relative"),
		"%s: O_NOFOLLOW opens the link itself", way);
}

/* Whatever a magic link stands for, it never leads to the host's root. */
static void test_magic(void)
{
	struct stat host, found;
	auto_fd int fd = resolve_open(root, "/proc/self/root", O_PATH, 0);

	stat("/", &host);
	ok(fd < 0 || (fstat(fd, &found) == 0 && found.st_dev != host.st_dev),
		"%s: /proc/self/root does not lead to the host's root", way);
	ok(resolved("/proc/self/cwd/etc", 0, 0) != inode("/etc"),
		"%s: /proc/self/cwd does not lead to the host", way);
	ok(resolved("/proc/self/stat", 0, 0) != 0, "%s: /proc/self is no magic link", way);
}

static void test_make(void)
{
	auto_fd int one = -1, two = -1, three = -1, four = -1;
	int made;

	one = resolve_make(root, "/new/deep/er", S_IFDIR, 0, &made);
	ok(one >= 0 && made && file_mode(ROOT "/new/deep/er") == (S_IFDIR | 0755),
		"%s: missing directories are made", way);
	two = resolve_make(root, "/new/etc/hosts", S_IFREG, 0, &made);
	ok(two >= 0 && made && file_mode(ROOT "/new/etc/hosts") == (S_IFREG | 0644),
		"%s: a missing file is made", way);
	three = resolve_make(root, "/file", S_IFDIR, 0, &made);
	ok(three >= 0 && !made && S_ISREG(file_mode(ROOT "/file")),
		"%s: what is there stays as it is", way);
	link_make_at(ROOT "/dangling", "/mnt/outside/a/b");
	four = resolve_make(root, "/dangling", S_IFDIR, 0, &made);
	ok(four >= 0 && made && S_ISDIR(file_mode(ROOT "/mnt/outside/a/b")),
		"%s: the target of a dangling link is made inside", way);
	ok(resolve_make(root, "/dangling2/x", S_IFDIR, RESOLVE_NO_SYMLINKS, NULL) >= 0,
		"%s: constraints still allow making", way);
	ok(resolve_make(root, "/loop/x", S_IFDIR, 0, NULL) == -ELOOP, "%s: loops end", way);
	ok(outside_untouched(), "%s: nothing was made outside", way);
	unlink(ROOT "/dangling");
	tree_remove(ROOT "/new");
	tree_remove(ROOT "/dangling2");
	tree_remove(ROOT "/mnt/outside/a");
}

static atomic_bool racing;

/* Exchanges a directory and a link to the outside as fast as the kernel lets it. */
static void *exchange(void *unused)
{
	while (racing)
		(void)syscall(SYS_renameat2, AT_FDCWD, ROOT "/race/dir", AT_FDCWD,
			ROOT "/race/link", RENAME_EXCHANGE);
	return unused;
}

static bool on_outside(int fd)
{
	struct stat outside, found;

	return stat(OUTSIDE, &outside) == 0 && fstat(fd, &found) == 0 &&
		outside.st_dev == found.st_dev;
}

static void test_race(const char *target, int rounds)
{
	int escaped = 0, made = 0;
	pthread_t thread;

	mkdir(ROOT "/race", 0755);
	mkdir(ROOT "/race/dir", 0755);
	link_make_at(ROOT "/race/link", target);
	racing = true;
	pthread_create(&thread, NULL, exchange, NULL);
	for (int i = 0; i < rounds; i++) {
		char path[64];
		auto_fd int directory = -1, file = -1;

		snprintf(path, sizeof(path), "/race/dir/%d/sub", i);
		directory = resolve_make(root, path, S_IFDIR, 0, NULL);
		snprintf(path, sizeof(path), "/race/dir/../dir/file%d", i);
		file = resolve_make(root, path, S_IFREG, 0, NULL);
		escaped += on_outside(directory) + on_outside(file);
		made += (directory >= 0) + (file >= 0);
	}
	racing = false;
	pthread_join(thread, NULL);
	is_number(escaped, 0, "%s: %d racing lookups against %s stay inside", way, rounds, target);
	ok(made > 0, "%s: %d of them found or made something", way, made);
	ok(outside_untouched(), "%s: and made nothing outside", way);
	tree_remove(ROOT "/race");
	tree_remove(ROOT "/mnt/outside");
	mkdir(ROOT "/mnt/outside", 0755);
}

/* Puts a link out of the root where a file is about to be made, and takes it away. */
static void *flicker(void *unused)
{
	while (racing)
		if (symlink(OUTSIDE "/made", ROOT "/flicker") < 0 || unlink(ROOT "/flicker") < 0)
			sched_yield();
	return unused;
}

static void test_flicker(int rounds)
{
	int escaped = 0;
	pthread_t thread;

	racing = true;
	pthread_create(&thread, NULL, flicker, NULL);
	for (int i = 0; i < rounds; i++) {
		auto_fd int file = resolve_make(root, "/flicker", S_IFREG, 0, NULL);

		escaped += on_outside(file);
	}
	racing = false;
	pthread_join(thread, NULL);
	is_number(escaped, 0, "%s: %d files made where a link flickers stay inside", way, rounds);
	ok(outside_untouched(), "%s: and nothing is made outside", way);
	unlink(ROOT "/flicker");
	unlink(ROOT OUTSIDE "/made");
}

static void test_all(const char *name)
{
	way = name;
	test_existing();
	test_magic();
	test_make();
	test_race(OUTSIDE, 4000);
	test_race("../../../../mnt/outside", 4000);
	test_flicker(20000);
}

int main(void)
{
	scene_enter();
	tree_make();
	root = open(ROOT, O_PATH | O_DIRECTORY);
	test_all("openat2");
	if (syscall_remove(SYS_openat2))
		test_all("walk");
	return tap_end();
}

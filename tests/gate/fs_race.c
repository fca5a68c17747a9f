/* Mounts while somebody exchanges what is on the way to their target. */
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>

#include "nsexec/mount.h"
#include "tests/gate/scene.h"

/* At the moment that counts: the place is a link when the mount is attached. */
static void test_place(void)
{
	const struct mount_place place = {.fd = gate.root, .name = "place", .made = 1};
	auto_fd int tree = sys_open_tree(AT_FDCWD, "/mnt/source", OPEN_TREE_CLONE);
	char before[4096];

	strcpy(before, mount_line(OUTSIDE));
	link_make_at(ROOT "/place", OUTSIDE);
	is_number(mount_attach(&gate, tree, &place, "/place"), -ENOTDIR,
		"a place that has become a link is refused");
	is_string(mount_line(OUTSIDE), before, "and where it leads nothing is mounted");
}

static atomic_bool racing;

/* Exchanges a directory on the way to the target and a link out of the root. */
static void *exchange(void *unused)
{
	while (racing)
		(void)syscall(SYS_renameat2, AT_FDCWD, ROOT "/race/dir", AT_FDCWD,
			ROOT "/race/link", RENAME_EXCHANGE);
	return unused;
}

/* Puts a link out of the root in the place of a target that has just been made. */
static void *replace(void *unused)
{
	while (racing) {
		if ((int)syscall(SYS_renameat2, AT_FDCWD, ROOT "/race/new", AT_FDCWD,
			    ROOT "/race/link", RENAME_EXCHANGE) < 0)
			continue;
		for (int i = 0; i < 10; i++)
			sched_yield();
		unlink(ROOT "/race/new");
		rmdir(ROOT "/race/link");
		if (symlink(OUTSIDE, ROOT "/race/link") < 0)
			sched_yield();
	}
	return unused;
}

/* CVE-2021-30465 */
static void race(struct step_mount s, void *(*against)(void *), const char *name)
{
	char before[4096];
	int done = 0;
	pthread_t thread;

	strcpy(before, mount_line(OUTSIDE));
	racing = true;
	pthread_create(&thread, NULL, against, NULL);
	for (int i = 0; i < 1000; i++) {
		done += mounted(s) == 0;
		umount2(ROOT "/race/new", MNT_DETACH | UMOUNT_NOFOLLOW);
	}
	racing = false;
	pthread_join(thread, NULL);
	ok(done > 0, "%d of 1000 mounts succeed while %s", done, name);
	is_string(mount_line(OUTSIDE), before, "none of them is outside");
	ok(outside_untouched(), "and nothing is made there");
}

int main(void)
{
	scene_enter();
	gate = gate_at(ROOT);
	mkdir("/mnt/source", 0755);
	test_place();
	mkdir(ROOT "/race", 0755);
	mkdir(ROOT "/race/dir", 0755);
	link_make_at(ROOT "/race/link", OUTSIDE);
	race(bind_step("/mnt/source", "/race/dir"), exchange, "a directory is exchanged");
	race(bind_step("/mnt/source", "/race/dir/new"), exchange, "its directory is exchanged");
	race(tmpfs_step("/race/new", NULL), replace, "a link replaces it");
	return tap_end();
}

/* The mount step: what mountinfo, statfs and the files below say about it afterwards. */
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "tests/gate/scene.h"

static void test_new(void)
{
	struct step_mount s = tmpfs_step("/a/b", "size=64k,mode=0700");
	struct statvfs fs;

	s.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_STRICTATIME;
	s.clear = MOUNT_ATTR__ATIME;
	is_number(mounted(s), 0, "a tmpfs on a missing directory");
	ok(mount_shows(ROOT "/a/b", "rw,nosuid,nodev - tmpfs tmpfs"),
		"its attributes and source are in mountinfo: %s", mount_line(ROOT "/a/b"));
	ok(statvfs(ROOT "/a/b", &fs) == 0 && fs.f_blocks * fs.f_frsize == 65536,
		"its size is the data's");
	is_number(file_mode(ROOT "/a/b"), S_IFDIR | 0700, "its mode is the data's");

	mkdir(ROOT "/covered", 0);
	chmod(ROOT "/covered", 01750);
	is_number(mounted(tmpfs_step("/covered", NULL)), 0, "a tmpfs without a mode");
	is_number(file_mode(ROOT "/covered"), S_IFDIR | 01750, "has the mode of what it covers");
	is_number(mounted(tmpfs_step("/fresh", NULL)), 0,
		"a tmpfs without a mode on a new directory");
	is_number(file_mode(ROOT "/fresh"), S_IFDIR | 01777, "has its own");
}

/* Targets in one directory, which the gate keeps open from one to the next. */
static void test_row(void)
{
	is_number(mounted(tmpfs_step("/row", NULL)), 0, "a directory for a row of mounts");
	is_number(mounted(tmpfs_step("/row/a", NULL)), 0, "the first");
	is_number(mounted(tmpfs_step("/row/b", NULL)), 0, "the second");
	ok(mount_line(ROOT "/row/a") != NULL && mount_line(ROOT "/row/b") != NULL,
		"both are there");
	is_number(mounted(tmpfs_step("/row/b", NULL)), 0, "one on the second");
	link_make_at(ROOT "/row/out", OUTSIDE "/x");
	is_number(mounted(tmpfs_step("/row/out", NULL)), 0, "one on a link out of the root");
	ok(mount_line(ROOT OUTSIDE "/x") != NULL && outside_untouched(), "is inside the root");
	is_number(mounted(tmpfs_step("/row", NULL)), 0, "another on all of them");
	is_number(mounted(tmpfs_step("/row/c", NULL)), 0, "and one in it");
	umount2(ROOT "/row", MNT_DETACH);
	ok(file_mode(ROOT "/row/c") == 0, "is not in what is covered");
}

static void test_errors(void)
{
	is_number(mounted(tmpfs_step("/e", "size=64k,zzz=1")), -EINVAL, "an unknown option fails");
	is_string(gate.detail, "zzz=1", "and is named");
	is_number(gate.call, WIRE_CALL_mount_data, "as data");
	is_number(
		mounted(mount_step("x", "/e", "nosuchfs", NULL)), -ENODEV, "an unknown type fails");
	is_string(gate.detail, "nosuchfs", "and is named");
	is_number(mounted(bind_step("/nosuch/source", "/e")), -ENOENT, "a missing source fails");
	is_string(gate.detail, "/nosuch/source", "and is named");
	file_write("/mnt/plain", "");
	mkdir(ROOT "/d", 0755);
	file_write(ROOT "/f", "");
	is_number(mounted(bind_step("/mnt/plain", "/d")), -EISDIR, "a file on a directory fails");
	is_number(gate.call, WIRE_CALL_type_mismatch, "as that");
	is_number(
		mounted(bind_step("/mnt/outside", "/f")), -ENOTDIR, "a directory on a file fails");
	is_number(mounted(tmpfs_step("/f", NULL)), -ENOTDIR, "a filesystem on a file fails");
	is_number(mounted(tmpfs_step("/f/x", NULL)), -ENOTDIR, "and below a file");
}

/* The attributes, each alone, on a bind mount, where no filesystem could show it instead. */
static void test_attributes(const char *how)
{
	static const struct {
		uint64_t set;
		const char *word;
		const char *kept; /* beside another attribute that is set later */
	} rows[] = {
		{MOUNT_ATTR_RDONLY, " ro,relatime", " ro,"},
		{MOUNT_ATTR_NOSUID, " rw,nosuid,relatime", "nosuid"},
		{MOUNT_ATTR_NODEV, " rw,nodev,relatime", "nodev"},
		{MOUNT_ATTR_NOEXEC, " rw,noexec,relatime", "noexec"},
		{MOUNT_ATTR_NOATIME, " rw,noatime"},
		{MOUNT_ATTR_STRICTATIME, " rw -"},
		{MOUNT_ATTR_NODIRATIME, " rw,nodiratime,relatime"},
		{MOUNT_ATTR_NOSYMFOLLOW, " rw,relatime,nosymfollow"},
	};

	mkdir("/mnt/source", 0755);
	for (size_t i = 0; i < array_size(rows); i++) {
		struct step_mount s = bind_step("/mnt/source", "/attribute");

		s.set = rows[i].set;
		ok(mounted(s) == 0 && mount_shows(ROOT "/attribute", rows[i].word),
			"%s: a bind mount that is%s", how, rows[i].word);
		s = bind_step(ROOT "/attribute", "/cleared");
		s.clear = rows[i].set;
		ok(mounted(s) == 0 && mount_shows(ROOT "/cleared", " rw,relatime"),
			"%s: and a bind mount of it that is not", how);
		s = bind_step(ROOT "/attribute", "/kept");
		s.set = MOUNT_ATTR_NOEXEC;
		ok(mounted(s) == 0 && mount_shows(ROOT "/kept", "noexec") &&
				(rows[i].kept == NULL || mount_shows(ROOT "/kept", rows[i].kept)),
			"%s: and one that keeps what it is", how);
		umount2(ROOT "/kept", MNT_DETACH);
		umount2(ROOT "/cleared", MNT_DETACH);
		umount2(ROOT "/attribute", MNT_DETACH);
	}
}

/* A tree of three mounts, one with a blank in its name. */
static void tree_make(void)
{
	mkdir("/mnt/tree", 0755);
	mkdir("/mnt/tree/sub", 0755);
	mount("tmpfs", "/mnt/tree/sub", "tmpfs", MS_NOSUID, NULL);
	mkdir("/mnt/tree/sub/a b", 0755);
	mount("tmpfs", "/mnt/tree/sub/a b", "tmpfs", 0, NULL);
}

static void test_recursive(const char *how)
{
	struct step_mount s = bind_step("/mnt/tree", "/recursive");

	is_number(mounted(s), 0, "%s: a bind mount of a tree", how);
	ok(mount_line(ROOT "/recursive/sub") == NULL, "is without the mounts below it");
	s.target = text("/recursive2");
	s.extras |= PLAN_MOUNT_RECURSIVE;
	s.rset = MOUNT_ATTR_RDONLY;
	s.set = MOUNT_ATTR_NOEXEC;
	is_number(mounted(s), 0, "%s: an rbind with rro and noexec", how);
	ok(mount_shows(ROOT "/recursive2/sub", " ro,nosuid,relatime"),
		"the mounts below are read-only, and what they were");
	ok(mount_shows(ROOT "/recursive2/sub/a\\040b", " ro,relatime"), "and those below them");
	ok(mount_shows(ROOT "/recursive2", " ro,noexec"), "the top is that, and noexec");
	ok(!mount_shows(ROOT "/recursive2/sub", "noexec"), "which the mounts below are not");
	ok(mount_shows("/mnt/tree/sub", " rw"), "the source stays as it is");
	umount2(ROOT "/recursive2", MNT_DETACH);
	umount2(ROOT "/recursive", MNT_DETACH);
}

static void test_propagation(void)
{
	struct step_mount s = tmpfs_step("/shared", NULL);

	s.propagation = list("shared", NULL);
	ok(mounted(s) == 0 && mount_shows(ROOT "/shared", " shared:"), "shared");
	s.target = text("/last");
	s.propagation = list("shared", "private");
	ok(mounted(s) == 0 && !mount_shows(ROOT "/last", "shared:"), "the last word wins");
	s = bind_step("/mnt/source", "/unbindable");
	s.propagation = list("runbindable", NULL);
	ok(mounted(s) == 0 && mount_shows(ROOT "/unbindable", " unbindable"), "runbindable");
	mount("tmpfs", "/mnt/source", "tmpfs", 0, NULL);
	mount(NULL, "/mnt/source", NULL, MS_SHARED, NULL);
	s = bind_step("/mnt/source", "/slave");
	s.propagation = list("slave", NULL);
	ok(mounted(s) == 0 && mount_shows(ROOT "/slave", " master:"), "slave");
	umount("/mnt/source");
	s.target = text("/none");
	s.propagation = list("wrong", NULL);
	is_number(mounted(s), -EINVAL, "an unknown word fails");
}

static void test_remount(void)
{
	struct step_mount s = tmpfs_step("/again", NULL);

	s.set = MOUNT_ATTR_NODEV;
	is_number(mounted(s), 0, "a mount to be mounted again");
	s = mount_step(NULL, "/again", NULL, NULL);
	s.extras = PLAN_MOUNT_REMOUNT | PLAN_MOUNT_BIND;
	s.set = MOUNT_ATTR_RDONLY;
	ok(mounted(s) == 0 && mount_shows(ROOT "/again", " ro,nodev,relatime - tmpfs tmpfs rw"),
		"a remount of the mount alone: %s", mount_line(ROOT "/again"));
	s = mount_step(NULL, "/again", NULL, "size=32k");
	s.extras = PLAN_MOUNT_REMOUNT;
	s.flags = MS_RDONLY;
	ok(mounted(s) == 0 && mount_shows(ROOT "/again", "tmpfs ro,size=32k"),
		"a remount of the filesystem: %s", mount_line(ROOT "/again"));
	s = mount_step(NULL, "/d", NULL, "size=32k");
	s.extras = PLAN_MOUNT_REMOUNT;
	is_number(mounted(s), -EINVAL, "a remount of what is no mount fails");
}

static void test_late(void)
{
	struct step_mount s = tmpfs_step("/late", NULL);
	struct step_pivot pivot = {0};
	int fd;

	s.set = MOUNT_ATTR_RDONLY;
	s.extras = PLAN_MOUNT_READONLY_LATE;
	is_number(mounted(s), 0, "a tmpfs that will be read-only");
	ok(mount_shows(ROOT "/late", " rw,"), "is not yet");
	is_number(mounted(tmpfs_step("/late/inner", NULL)), 0, "mounts inside can still be made");
	fd = gate.late[0];
	is_number(gate_pivot(&gate, &pivot), 0, "and after the pivot");
	ok(fd >= 0 && mkdir("/late/x", 0755) < 0 && errno == EROFS, "it is read-only");
	ok(mkdir("/late/inner/x", 0755) == 0, "what is inside is not");
}

static void late_part(void)
{
	unshare(CLONE_NEWNS);
	mount(ROOT, ROOT, NULL, MS_BIND | MS_REC, NULL);
	gate = gate_at(ROOT);
	test_late();
}

/* proc and sysfs go where their path says, or nowhere. */
static void test_literal(void)
{
	struct step_mount s = mount_step("proc", "/proc", "proc", NULL);

	mkdir(ROOT "/elsewhere", 0755);
	link_make_at(ROOT "/proc", "/elsewhere");
	link_make_at(ROOT "/sys", "/elsewhere");
	is_number(mounted(s), -ELOOP, "proc on a link is refused");
	is_number(
		mounted(mount_step("sysfs", "/sys", "sysfs", NULL)), -ELOOP, "sysfs on a link too");
	is_number(
		mounted(mount_step("sysfs", "/sys/x", "sysfs", NULL)), -ELOOP, "and below a link");
	ok(mount_line(ROOT "/elsewhere") == NULL, "nothing is where the link leads");
	unlink(ROOT "/proc");
	is_number(mounted(s), 0, "proc on a missing directory");
	ok(access(ROOT "/proc/self/stat", F_OK) == 0, "is a procfs");
	ok(gate.proc >= 0, "and the one that the gate trusts from then on");
}

static void test_root(void)
{
	mkdir("/mnt/newroot", 0755);
	mkdir("/mnt/newroot/inside", 0755);
	is_number(mounted(bind_step("/mnt/newroot", "/")), 0, "a mount on the root itself");
	is_number(mounted(tmpfs_step("/inside", NULL)), 0, "and one that needs what it holds");
	ok(mount_line(ROOT "/inside") != NULL, "is below it");
	umount2(ROOT "/inside", MNT_DETACH);
	umount2(ROOT, MNT_DETACH);
}

static void root_part(void)
{
	unshare(CLONE_NEWNS);
	mount(ROOT, ROOT, NULL, MS_BIND, NULL);
	gate = gate_at(ROOT);
	test_root();
}

static void test_links(void)
{
	struct step_mount s;

	link_make_at(ROOT "/out", OUTSIDE);
	is_number(mounted(tmpfs_step("/out/x", NULL)), 0, "a target below a link out of the root");
	ok(mount_line(ROOT OUTSIDE "/x") != NULL && outside_untouched(), "is inside the root");
	link_make_at("/mnt/link", "/mnt/plain");
	s = bind_step("/mnt/link", "/copied");
	s.extras |= PLAN_MOUNT_COPY_SYMLINK;
	ok(mounted(s) == 0 && S_ISLNK(file_mode(ROOT "/copied")), "copy-symlink copies a link");
	is_number(mounted(s), 0, "twice, since it is the same");
	s.target = text("/f");
	is_number(mounted(s), -EEXIST, "but not over a file");
	s.source = text("/mnt/plain");
	ok(mounted(s) == 0 && mount_line(ROOT "/f") != NULL, "and binds what is no link");
	s = bind_step("/mnt/plain", "/copied");
	s.extras |= PLAN_MOUNT_TARGET_NOFOLLOW;
	ok(mounted(s) == 0 && mount_line(ROOT "/copied") != NULL, "dest-nofollow covers a link");
	s = bind_step("/mnt/link", "/nofollowed");
	s.extras |= PLAN_MOUNT_SOURCE_NOFOLLOW;
	mounted(s);
	ok(S_ISLNK(file_mode(ROOT "/nofollowed")), "src-nofollow binds a link");
}

static void test_copyup(void)
{
	struct step_mount s = tmpfs_step("/etc", "mode=0755");
	struct stat st;
	char value[16] = "";

	mkdir(ROOT "/etc", 0755);
	mkdir(ROOT "/etc/deep", 0711);
	file_write(ROOT "/etc/deep/passwd", "root:x:0:0\n");
	ok(chown(ROOT "/etc/deep/passwd", 12, 34) == 0, "a file that is not root's");
	chmod(ROOT "/etc/deep/passwd", 04750);
	setxattr(ROOT "/etc/deep/passwd", "trusted.note", "kept", 4, 0);
	link_make_at(ROOT "/etc/link", OUTSIDE);
	mkfifo(ROOT "/etc/pipe", 0622);
	mknod(ROOT "/etc/node", S_IFCHR | 0600, makedev(1, 3));
	chmod(ROOT "/etc", 02775);
	s.extras = PLAN_MOUNT_TMPCOPYUP;
	s.set = MOUNT_ATTR_RDONLY;
	is_number(mounted(s), 0, "tmpcopyup");
	ok(mount_shows(ROOT "/etc", " ro,"), "the tmpfs is read-only afterwards");
	is_string(file_read(ROOT "/etc/deep/passwd"), "root:x:0:0\n", "files are copied");
	ok(stat(ROOT "/etc/deep/passwd", &st) == 0 && st.st_uid == 12 && st.st_gid == 34 &&
			st.st_mode == (S_IFREG | 04750),
		"with owner and mode");
	getxattr(ROOT "/etc/deep/passwd", "trusted.note", value, sizeof(value));
	is_string(value, "kept", "and extended attributes");
	is_number(file_mode(ROOT "/etc/deep"), S_IFDIR | 0711, "directories keep their mode");
	is_number(file_mode(ROOT "/etc"), S_IFDIR | 02775, "and the top one too");
	ok(S_ISLNK(file_mode(ROOT "/etc/link")), "links are copied as links");
	ok(S_ISFIFO(file_mode(ROOT "/etc/pipe")) && S_ISCHR(file_mode(ROOT "/etc/node")),
		"pipes and nodes as what they are");
}

/* What a filesystem context cannot take goes through mount(2), onto the same target. */
static void test_long_data(void)
{
	char data[1024] = "lowerdir=", layer[64];
	struct step_mount s;

	for (int i = 0; i < 20; i++) {
		snprintf(layer, sizeof(layer), "/mnt/layer-of-the-overlay-%d", i);
		mkdir(layer, 0755);
		strcat(data, i == 0 ? "" : ":");
		strcat(data, layer);
	}
	file_write("/mnt/layer-of-the-overlay-7/seven", "7");
	s = mount_step("overlay", "/overlay", "overlay", data);
	s.set = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;
	if (mounted(s) == -ENODEV) {
		skip("an overlay of twenty layers", "this kernel has no overlayfs");
		return;
	}
	is_string(file_read(ROOT "/overlay/seven"), "7", "an overlay of twenty layers");
	ok(mount_shows(ROOT "/overlay", "noexec") && mount_shows(ROOT "/overlay", "nosymfollow"),
		"has its attributes");
}

/* Linux 5.10: mount(2) does what mount_setattr cannot. */
static void classic_part(void)
{
	struct step_mount s = tmpfs_step("/shared510", NULL);

	syscall_remove(SYS_mount_setattr);
	test_attributes("without mount_setattr");
	s.propagation = list("shared", NULL);
	ok(mounted(s) == 0 && mount_shows(ROOT "/shared510", " shared:"),
		"without mount_setattr: shared");
	test_recursive("without mount_setattr");
	/* Nobody may believe that it is read-only when a part is not. */
	s = bind_step("/mnt/tree", "/covered");
	s.extras |= PLAN_MOUNT_RECURSIVE;
	s.rset = MOUNT_ATTR_RDONLY;
	mount("tmpfs", "/mnt/tree/sub", "tmpfs", 0, NULL);
	is_number(mounted(s), -ENOSYS, "a covered mount cannot be reached, which is an error");
}

int main(void)
{
	scene_enter();
	gate = gate_at(ROOT);
	test_new();
	test_row();
	test_errors();
	test_attributes("mount_setattr");
	tree_make();
	test_recursive("mount_setattr");
	test_propagation();
	test_remount();
	test_links();
	test_copyup();
	test_long_data();
	test_literal();
	in_child(root_part);
	in_child(late_part);
	in_child(classic_part);
	return tap_end();
}

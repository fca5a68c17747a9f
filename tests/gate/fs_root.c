/* The root from its clone to the pivot, and what is covered after that. */
#include "tests/gate/scene.h"

static void root_make(void)
{
	mkdir(ROOT "/proc", 0755);
	mkdir(ROOT "/dev", 0755);
	mkdir(ROOT "/data", 0755);
	mkdir(ROOT "/data/inner", 0755);
	mkdir(ROOT "/hidden", 0755);
	mkdir(ROOT "/hidden2", 0755);
	file_write(ROOT "/hidden/file", "secret");
	file_write(ROOT "/hidden2/file", "secret");
	file_write(ROOT "/key", "secret");
	mknod(ROOT "/dev/null", S_IFCHR | 0666, makedev(1, 3));
}

/* Makes the container's root the root of this process, in a mount namespace of its own. */
static int root_enter(uint64_t tree, uint64_t finally)
{
	struct step_propagation propagation = {.flags = tree};
	struct step_rootfs rootfs = {.path = text(ROOT), .propagation = MS_PRIVATE | MS_REC};
	struct step_pivot pivot = {.propagation = finally};
	struct step_mount proc = {.source = text("proc"),
		.target = text("/proc"),
		.type = text("proc"),
		.data = text(NULL),
		.idmap = -1};
	int error;

	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	gate = gate_at("/");
	close(gate.root);
	gate.root = -1;
	error = gate_propagation(&gate, &propagation);
	if (error == 0)
		error = gate_rootfs(&gate, &rootfs);
	if (error == 0)
		error = gate_mount(&gate, &proc);
	return error < 0 ? error : gate_pivot(&gate, &pivot);
}

static void pivot_part(void)
{
	struct stat here, there;
	int mounts = 0;
	FILE *file;
	int c;

	is_number(root_enter(MS_SLAVE | MS_REC, 0), 0, "the root is entered");
	ok(access("/key", F_OK) == 0 && access("/mnt", F_OK) < 0, "it is the container's");
	ok(stat("/", &here) == 0 && stat("/..", &there) == 0 && here.st_ino == there.st_ino &&
			here.st_dev == there.st_dev,
		"there is nothing above it");
	file = fopen("/proc/self/mountinfo", "re");
	while (file != NULL && (c = fgetc(file)) != EOF)
		mounts += c == '\n';
	is_number(mounts, 2, "only its own mounts are left");
	ok(!mount_shows("/", "shared:"), "it is not shared");
}

static void shared_part(void)
{
	is_number(root_enter(MS_SHARED | MS_REC, MS_SHARED), 0, "the root with a shared tree");
	ok(mount_shows("/", " shared:"), "is shared in the end");
}

static void unbindable_part(void)
{
	is_number(root_enter(MS_PRIVATE, MS_UNBINDABLE), 0, "the root in the end unbindable");
	ok(mount_shows("/", " unbindable"), "is unbindable");
}

/* What the host sees of a container whose tree is shared with it: nothing, before and after. */
static void test_host(uint64_t tree, const char *name, void (*part)(void))
{
	char before[1 << 16];

	mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL);
	strcpy(before, file_read("/proc/self/mountinfo"));
	in_child(part);
	is_string(file_read("/proc/self/mountinfo"), before,
		"the host's mounts are the same after a container with a %s tree", name);
	mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
}

static int masked(const char *path)
{
	struct step_mask s = {.path = text(path)};

	return gate_mask(&gate, &s);
}

static int readonly(const char *path)
{
	struct step_readonly s = {.path = text(path)};

	return gate_readonly(&gate, &s);
}

static void mask_part(void)
{
	root_enter(MS_SLAVE | MS_REC, 0);
	link_make_at("/link", "/key");
	is_number(masked("/missing/path"), 0, "a missing path needs no mask");
	is_number(masked("/key/below"), 0, "nor does one below a file");
	is_number(masked("/hidden"), 0, "a directory");
	ok(access("/hidden/file", F_OK) < 0 && mount_shows("/hidden", " ro,nosuid,nodev,noexec") &&
			mount_shows("/hidden", "tmpfs none ro"),
		"is empty and read-only: %s", mount_line("/hidden"));
	is_number(masked("/hidden2"), 0, "another directory");
	ok(access("/hidden2/file", F_OK) < 0 && mkdir("/hidden2/x", 0755) < 0 && errno == EROFS,
		"is that too");
	is_number(masked("/link"), 0, "a link to a file");
	is_string(file_read("/key"), "", "masks the file");
	is_number(masked("/proc/uptime"), 0, "a file of proc");
	is_string(file_read("/proc/uptime"), "", "is empty");
}

/* CVE-2025-31133: what stands at /dev/null is not the null device. */
static void bent_null_part(void)
{
	root_enter(MS_SLAVE | MS_REC, 0);
	unlink("/dev/null");
	link_make_at("/dev/null", "/hidden/file");
	is_number(masked("/key"), -ENODEV, "a link at /dev/null is refused");
	is_string(file_read("/key"), "secret", "and shown on no mask");
	unlink("/dev/null");
	mknod("/dev/null", S_IFCHR | 0666, makedev(1, 1));
	is_number(masked("/key"), -ENODEV, "another device too");
	unlink("/dev/null");
	is_number(masked("/key"), -ENOENT, "and none at all");
	is_string(gate.detail, "/dev/null", "by name");
	is_number(masked("/hidden"), 0, "directories do not need it");
	mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
}

static void readonly_part(void)
{
	static const struct step_root_readonly root;

	root_enter(MS_SLAVE | MS_REC, 0);
	mount("tmpfs", "/data", "tmpfs", MS_NOEXEC | MS_NODEV, NULL);
	mkdir("/data/part", 0755);
	mkdir("/data/part/mounted", 0755);
	mount("tmpfs", "/data/part/mounted", "tmpfs", 0, NULL);
	is_number(readonly("/missing"), 0, "a missing path cannot be written");
	is_number(readonly("/data/part"), 0, "a directory");
	ok(mkdir("/data/part/x", 0755) < 0 && errno == EROFS, "is read-only");
	ok(mount_shows("/data/part", " ro,nodev,noexec"), "and keeps the flags of its mount");
	ok(mkdir("/data/x", 0755) == 0, "what is around it is not");
	ok(mkdir("/data/part/mounted/x", 0755) == 0, "nor what is mounted on it");
	is_number(readonly("/key"), 0, "a file");
	ok(open("/key", O_WRONLY) < 0 && errno == EROFS, "is read-only");
	is_number(gate_root_readonly(&gate, &root), 0, "the root");
	ok(mkdir("/x", 0755) < 0 && errno == EROFS, "is read-only");
	ok(mkdir("/data/y", 0755) == 0, "what is mounted below is not");
}

static int sysctl_set(const char *path, const char *value)
{
	struct step_sysctl s = {.path = text(path), .value = text(value)};

	return gate_sysctl(&gate, &s);
}

static void sysctl_checks(const char *how)
{
	is_number(sysctl_set("kernel/domainname", "set.by.test"), 0, "%s: a sysctl", how);
	is_string(file_read("/proc/sys/kernel/domainname"), "set.by.test\n", "%s: is set", how);
	is_number(sysctl_set("net/nosuch", "1"), -ENOENT, "%s: an unknown one fails", how);
	is_string(gate.detail, "sys/net/nosuch", "%s: by name", how);
	is_number(sysctl_set("../self/comm", "x"), -EINVAL, "%s: \"..\" is refused", how);
	is_number(sysctl_set("kernel/domainname/..", "x"), -EINVAL, "%s: everywhere", how);
	is_number(gate_proc_write(&gate, "self/comm", "renamed"), 0, "%s: own files", how);
	is_string(file_read("/proc/self/comm"), "renamed\n", "%s: are written", how);
	ok(gate_proc_write(&gate, "self/root/key", "x") < 0, "%s: magic links are refused", how);
	/* CVE-2025-52881: another file of the same procfs over the right one. */
	mount("/proc/self/comm", "/proc/sys/kernel/domainname", NULL, MS_BIND, NULL);
	is_number(sysctl_set("kernel/domainname", "elsewhere"), -EXDEV,
		"%s: a file with another mounted over it is refused", how);
	umount2("/proc/sys/kernel/domainname", MNT_DETACH);
	is_string(file_read("/proc/self/comm"), "renamed\n", "%s: which keeps its content", how);
}

static void sysctl_part(void)
{
	unshare(CLONE_NEWUTS);
	root_enter(MS_SLAVE | MS_REC, 0);
	ok(gate.proc >= 0, "the container's procfs is the one that is used");
	sysctl_checks("own procfs");
	fd_cleanup(&gate.proc);
	gate.proc = -1;
	sysctl_checks("verified /proc");
	fd_cleanup(&gate.proc);
	gate.proc = -1;
	syscall_remove(SYS_openat2);
	sysctl_checks("without openat2");
}

/* CVE-2019-16884, CVE-2019-19921: /proc is not what it seems to be. */
static void fake_proc_part(void)
{
	unshare(CLONE_NEWUTS);
	root_enter(MS_SLAVE | MS_REC, 0);
	fd_cleanup(&gate.proc);
	gate.proc = -1;
	mount("tmpfs", "/data", "tmpfs", 0, NULL);
	mkdir("/data/sys", 0755);
	mkdir("/data/sys/kernel", 0755);
	file_write("/data/sys/kernel/domainname", "fake");
	mount("/data", "/proc", NULL, MS_BIND, NULL);
	is_number(sysctl_set("kernel/domainname", "real"), 0, "a sysctl with a fake /proc");
	is_string(file_read("/data/sys/kernel/domainname"), "fake", "is not written there");
	umount2("/proc", MNT_DETACH);
	is_string(file_read("/proc/sys/kernel/domainname"), "real\n", "but in the kernel");
	fd_cleanup(&gate.proc);
	gate.proc = -1;
	mkdir("/mnt", 0755);
	mount("/proc/sys", "/mnt", NULL, MS_BIND, NULL);
	mount("/mnt", "/proc", NULL, MS_BIND, NULL);
	is_number(
		sysctl_set("kernel/domainname", "again"), 0, "and with a part of procfs as /proc");
	umount2("/proc", MNT_DETACH);
	is_string(file_read("/proc/sys/kernel/domainname"), "again\n", "it is set as well");
}

int main(void)
{
	scene_enter();
	root_make();
	in_child(pivot_part);
	in_child(unbindable_part);
	test_host(MS_SHARED, "shared", shared_part);
	test_host(MS_SLAVE, "slave", pivot_part);
	in_child(mask_part);
	in_child(bent_null_part);
	in_child(readonly_part);
	in_child(sysctl_part);
	in_child(fake_proc_part);
	return tap_end();
}

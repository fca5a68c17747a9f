/* What differs in a user namespace: bound nodes and filesystems, mapped ids. */
#include <signal.h>

#include "tests/gate/scene.h"

/* Maps id 0 of the user namespace of a process to this id outside. */
static bool user_map(pid_t pid, const char *outside)
{
	char path[64], map[64];

	snprintf(map, sizeof(map), "0 %s 1", outside);
	snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
	file_write(path, "deny");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	file_write(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	file_write(path, map);
	return true;
}

static void namespace_part(void)
{
	struct step_mount s = mount_step("sysfs", "/sys", "sysfs", NULL);
	struct step_device null = {
		.path = text("/dev/null"), .type = S_IFCHR, .major = 1, .minor = 3, .mode = 0666};
	struct stat st;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		skip("a user namespace", "%s", strerror(errno));
		return;
	}
	user_map(getpid(), "0");
	gate = gate_at(ROOT);
	s.set = MOUNT_ATTR_RDONLY;
	is_number(mounted(s), -EPERM, "sysfs of another's network cannot be mounted");
	s.extras = PLAN_MOUNT_FALLBACK_BIND;
	is_number(mounted(s), 0, "but bound");
	ok(access(ROOT "/sys/kernel", F_OK) == 0, "it is the host's");
	/* CVE-2023-25809: also where something is mounted below it. */
	ok(mount_shows(ROOT "/sys", " ro,"), "it is read-only");
	if (mount_line("/sys/fs/cgroup") == NULL)
		skip("what is below is read-only", "nothing is mounted on /sys/fs/cgroup");
	else
		ok(mount_shows(ROOT "/sys/fs/cgroup", " ro,"), "what is below is read-only");
	is_number(gate_device(&gate, &null), 0, "a node that cannot be made");
	ok(mount_line(ROOT "/dev/null") != NULL && stat(ROOT "/dev/null", &st) == 0 &&
			st.st_rdev == makedev(1, 3),
		"is the host's, bound");
}

/* A user namespace in which 0 is 1000 outside, held by a process until it is killed. */
static int user_namespace(pid_t *pid)
{
	char path[64], ready;
	int pair[2], fd;

	if (pipe(pair) < 0)
		return -1;
	*pid = fork();
	if (*pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWUSER) < 0 || write(pair[1], "r", 1) != 1)
			_exit(EXIT_FAILURE);
		pause();
		_exit(EXIT_SUCCESS);
	}
	close(pair[1]);
	fd = read(pair[0], &ready, 1) == 1 ? 0 : -1;
	close(pair[0]);
	if (fd < 0)
		return -1;
	user_map(*pid, "1000");
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)*pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static uid_t owner(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? (uid_t)-1 : st.st_uid;
}

static void test_mapped(void)
{
	struct step_mount s = bind_step("/mnt/source", "/mapped");
	pid_t pid = -1;
	int error;

	mkdir("/mnt/source", 0755);
	mkdir("/mnt/source/sub", 0755);
	mount("tmpfs", "/mnt/source/sub", "tmpfs", 0, "mode=755");
	gate = gate_at(ROOT);
	gate.fds[0] = user_namespace(&pid);
	gate.fd_count = 1;
	s.idmap = 0;
	s.extras |= PLAN_MOUNT_RECURSIVE;
	error = gate.fds[0] < 0 ? -EINVAL : mounted(s);
	if (error == -EINVAL || error == -ENOSYS) {
		skip("mapped mounts", "this kernel cannot map a tmpfs");
		kill(pid, SIGKILL);
		return;
	}
	is_number(error, 0, "a bind mount with mapped ids");
	is_number(owner(ROOT "/mapped"), 1000, "shows its owner mapped");
	is_number(owner(ROOT "/mapped/sub"), 0, "but not what is mounted below");
	s.target = text("/mapped2");
	s.extras |= PLAN_MOUNT_IDMAP_RECURSIVE;
	is_number(mounted(s), 0, "a bind mount that is mapped as a whole");
	is_number(owner(ROOT "/mapped2/sub"), 1000, "shows that mapped too");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	scene_enter();
	in_child(namespace_part);
	test_mapped();
	return tap_end();
}

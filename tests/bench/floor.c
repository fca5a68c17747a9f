/*
 * The floor: what the kernel must do for one container of the default configuration, with nothing
 * around it. No JSON, no records, no checks, no error messages: the distance between this program
 * and a runtime is what the runtime adds. Usage: floor ROOTFS NAME PROGRAM [ARG...]
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIERARCHIES 16

static char directories[HIERARCHIES][256];
static const char *controllers[HIERARCHIES]; /* "" for the unified hierarchy */
static int tasks[HIERARCHIES];
static int hierarchy_count;

static void must(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	_exit(125);
}

/* A directory of this name below every mounted hierarchy; the cpuset needs its parent's values. */
static int cgroup_make_all(const char *name)
{
	static const char *const mounts[] = {"cpuset", "cpu", "cpuacct", "memory", "devices",
		"freezer", "blkio", "pids", "hugetlb", "systemd", "unified", "."};
	int unified = -1;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char *directory = directories[hierarchy_count];
		char path[300];
		int last = strcmp(mounts[i], "unified") == 0 || strcmp(mounts[i], ".") == 0;

		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/cgroup.procs", mounts[i]);
		if (access(path, F_OK) < 0)
			continue;
		snprintf(
			directory, sizeof(directories[0]), "/sys/fs/cgroup/%s/%s", mounts[i], name);
		must(mkdir(directory, 0755), directory);
		controllers[hierarchy_count] = last ? "" : mounts[i];
		if (last) {
			unified = open(directory, O_PATH | O_CLOEXEC);
			must(unified, directory);
			hierarchy_count++;
			break;
		}
		if (strcmp(mounts[i], "cpuset") == 0) {
			int fd;

			snprintf(path, sizeof(path), "%s/cgroup.clone_children", directory);
			fd = open("/sys/fs/cgroup/cpuset/cpuset.cpus", O_RDONLY | O_CLOEXEC);
			char cpus[128];
			ssize_t length = read(fd, cpus, sizeof(cpus));
			close(fd);
			snprintf(path, sizeof(path), "%s/cpuset.cpus", directory);
			fd = open(path, O_WRONLY | O_CLOEXEC);
			must(write(fd, cpus, (size_t)length), path);
			close(fd);
			snprintf(path, sizeof(path), "%s/cpuset.mems", directory);
			fd = open(path, O_WRONLY | O_CLOEXEC);
			must(write(fd, "0", 1), path);
			close(fd);
		}
		snprintf(path, sizeof(path), "%s/tasks", directory);
		tasks[hierarchy_count] = open(path, O_WRONLY | O_CLOEXEC);
		must(tasks[hierarchy_count], path);
		hierarchy_count++;
	}
	if (unified < 0)
		exit(125);
	return unified;
}

/* What a cgroup mount means inside a cgroup namespace: on v1 one mount per hierarchy on a tmpfs. */
static void cgroup_mount_all(void)
{
	const unsigned long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RELATIME;

	if (hierarchy_count == 1) {
		must(mount("cgroup", "sys/fs/cgroup", "cgroup2", flags | MS_RDONLY, NULL),
			"cgroup2");
		return;
	}
	must(mount("tmpfs", "sys/fs/cgroup", "tmpfs", flags, "mode=755"), "cgroup tmpfs");
	for (int i = 0; i < hierarchy_count; i++) {
		const char *name = controllers[i][0] ? controllers[i] : "unified";
		char path[300], data[64];

		snprintf(path, sizeof(path), "sys/fs/cgroup/%s", name);
		mkdir(path, 0755);
		snprintf(data, sizeof(data), "%s%s", strcmp(name, "systemd") ? "" : "name=", name);
		must(mount("cgroup", path, controllers[i][0] ? "cgroup" : "cgroup2",
			     flags | MS_RDONLY, controllers[i][0] ? data : NULL),
			path);
	}
	must(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | flags | MS_RDONLY, NULL),
		"cgroup read-only");
}

static void mount_all(const char *rootfs)
{
	must(mount("", "/", NULL, MS_SLAVE | MS_REC, NULL), "propagation");
	must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), rootfs);
	must(chdir(rootfs), rootfs);
	must(mount("proc", "proc", "proc", 0, NULL), "proc");
	must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"),
		"dev");
	mkdir("dev/pts", 0755);
	must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		     "newinstance,ptmxmode=0666,mode=0620,gid=5"),
		"pts");
	mkdir("dev/shm", 0755);
	must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV,
		     "mode=1777,size=65536k"),
		"shm");
	mkdir("dev/mqueue", 0755);
	must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL),
		"mqueue");
	must(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL),
		"sys");
	cgroup_mount_all();
}

static void devices_make(void)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} devices[] = {{"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
		{"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};

	umask(0);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		must(mknod(devices[i].path, S_IFCHR | 0666,
			     makedev(devices[i].major, devices[i].minor)),
			devices[i].path);
	symlink("/proc/self/fd", "dev/fd");
	symlink("/proc/self/fd/0", "dev/stdin");
	symlink("/proc/self/fd/1", "dev/stdout");
	symlink("/proc/self/fd/2", "dev/stderr");
	symlink("pts/ptmx", "dev/ptmx");
	umask(022);
}

static void paths_protect(void)
{
	static const char *const masked_files[] = {"/proc/kcore", "/proc/keys",
		"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
		"/proc/sched_debug"};
	static const char *const masked_folders[] = {
		"/proc/acpi", "/proc/asound", "/sys/firmware", "/proc/scsi"};
	static const char *const readonly[] = {
		"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

	for (size_t i = 0; i < sizeof(masked_files) / sizeof(masked_files[0]); i++)
		mount("/dev/null", masked_files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(masked_folders) / sizeof(masked_folders[0]); i++)
		mount("tmpfs", masked_folders[i], "tmpfs", MS_RDONLY, NULL);
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
		if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			must(mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
				readonly[i]);
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void privileges_drop(void)
{
	const uint32_t kept = 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE | 1u << CAP_AUDIT_WRITE;
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
	struct rlimit files = {1024, 1024};

	must(setrlimit(RLIMIT_NOFILE, &files), "rlimit");
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap >= 32 || !(kept >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "gid");
	must(setresuid(0, 0, 0), "uid");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(SYS_capset, &header, data), "capset");
}

static void live(char **argv)
{
	for (int i = 0; i < hierarchy_count - 1; i++)
		must(write(tasks[i], "0", 1), directories[i]);
	must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	setsid();
	loopback_up();
	must(sethostname("floor", 5), "hostname");
	mount_all(argv[1]);
	devices_make();
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "old root");
	must(chdir("/"), "/");
	paths_protect();
	privileges_drop();
	execv(argv[3], argv + 3);
	must(-1, argv[3]);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 4)
		return 125;
	int unified = cgroup_make_all(argv[2]);
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)unified,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	must(pid, "clone3");
	if (pid == 0)
		live(argv);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < hierarchy_count; i++)
		rmdir(directories[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

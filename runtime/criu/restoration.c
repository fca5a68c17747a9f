/*
 * CRIU works in a mount namespace of its own: it wants the root filesystem to be a mount, and makes
 * some itself; none of them can be left on the host, whatever ends it. Its cgroup is the
 * container's, so that those whom it makes are in there from their birth.
 */
#include "runtime/criu/restoration.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/criu/mounts.h"
#include "runtime/plan/blame.h"
#include "runtime/terminal.h"
#include "runtime/unix_socket.h"

#define ROOT_NAME "criu-root"

/* How CRIU calls a namespace, and what it calls a descriptor of one that it inherits. */
static const struct {
	int type;
	const char *word, *inherited;
} joining[] = {
	{CLONE_NEWNET, "net", "extRootNetNS"},
	{CLONE_NEWPID, "pid", "extRootPidNS"},
	{CLONE_NEWIPC, "ipc", NULL},
	{CLONE_NEWUTS, "uts", NULL},
	{CLONE_NEWUSER, "user", NULL},
};

static int namespace_inherit(struct restoration *restoration, struct protobuf *options,
	const char *key, const struct spec_namespace *namespace, struct error *err)
{
	struct protobuf inherit = {.arena = options->arena};
	int fd = openat(AT_FDCWD, namespace->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return error_set(
			err, ERROR_NAMESPACE, errno, "cannot open %s: %m", namespace->path);
	protobuf_text(&inherit, CRIU_inherit_fd_key, key);
	protobuf_number(&inherit, CRIU_inherit_fd_fd, CRIU_FD + (int)restoration->start.fd_count);
	protobuf_message(options, CRIU_options_inherit_fd, &inherit);
	restoration->start.fds[restoration->start.fd_count++] = fd;
	return 0;
}

static int namespace_join(struct restoration *restoration, struct protobuf *options,
	const struct spec_namespace *namespace, struct error *err)
{
	struct protobuf join = {.arena = options->arena};

	for (size_t i = 0; i < array_size(joining); i++) {
		if (joining[i].type != namespace->type.value)
			continue;
		if (joining[i].inherited)
			return namespace_inherit(
				restoration, options, joining[i].inherited, namespace, err);
		protobuf_text(&join, CRIU_join_ns_type, joining[i].word);
		protobuf_text(&join, CRIU_join_ns_file, namespace->path);
		protobuf_message(options, CRIU_options_join_ns, &join);
		return 0;
	}
	return error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"CRIU cannot restore into a namespace of this type that is there already");
}

int restoration_join(struct restoration *restoration, struct protobuf *options, struct error *err)
{
	const struct spec *spec = &restoration->creation->spec;
	const struct spec_linux *linux = spec->config.linux;
	int result = 0;

	for (uint32_t i = 0; linux && result == 0 && i < linux->namespaces.count; i++) {
		const struct spec_namespace *namespace = &linux->namespaces.items[i];

		if (namespace->path)
			result = namespace_join(restoration, options, namespace, err);
		if (result < 0)
			blame(err, spec, NULL, &namespace->path);
	}
	return result;
}

int restoration_mounts(struct restoration *restoration, struct protobuf *options, struct error *err)
{
	const struct creation *creation = restoration->creation;
	auto_fd int root = openat(AT_FDCWD, creation->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[40];
	ssize_t length;

	if (root < 0)
		return error_set(err, ERROR_BUNDLE, errno, "cannot open %s: %m", creation->rootfs);
	criu_mounts_restore(options, creation->compiled.plan, root, options->arena);
	if (mkdirat(creation->container.dir, ROOT_NAME, 0700) < 0)
		return error_set(err, ERROR_STATE, errno, "cannot make %s: %m", ROOT_NAME);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", creation->container.dir);
	length = readlink(
		path, restoration->root, sizeof(restoration->root) - sizeof("/" ROOT_NAME));
	if (length < 0)
		return error_set(err, ERROR_STATE, errno, "cannot name %s: %m", ROOT_NAME);
	strcpy(restoration->root + length, "/" ROOT_NAME);
	protobuf_text(options, CRIU_options_root, restoration->root);
	return 0;
}

/* 0 stands for who writes it: alone in its process, which is moved at once. */
static int cgroup_enter(const char *directory)
{
	static const char *const files[] = {"tasks", "cgroup.procs"};
	char path[PATH_MAX];
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < array_size(files); i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, files[i]) >=
			sizeof(path))
			return -ENAMETOOLONG;
		fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0 || write(fd, "0", 1) != 1)
		return -errno;
	close(fd);
	return 0;
}

int restoration_enter(const void *context, struct criu_start *start, const char **what)
{
	const struct restoration *restoration = context;
	const struct creation *creation = restoration->creation;
	const struct spec_cgroup_directory_list *cgroups = &creation->record.cgroups;
	int result = 0;

	*what = "enter the cgroup";
	for (uint32_t i = 0; i < cgroups->count && result == 0; i++)
		result = cgroup_enter(cgroups->items[i].path);
	if (result < 0)
		return result;
	*what = "mount the root filesystem for it";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
		mount(creation->rootfs, restoration->root, NULL, MS_BIND | MS_REC, NULL) < 0)
		return -errno;
	*what = "open the images' directory again";
	return criu_place_reopen(&restoration->place, start);
}

static void cgroup_add(
	struct protobuf *options, const char *controller, size_t length, const char *path)
{
	struct protobuf root = {.arena = options->arena};

	protobuf_text(
		&root, CRIU_cgroup_root_controller, arena_copy(options->arena, controller, length));
	protobuf_text(&root, CRIU_cgroup_root_path, arena_copy(options->arena, path, strlen(path)));
	protobuf_message(options, CRIU_options_cgroup_root, &root);
}

/* A line is NUMBER:CONTROLLER[,CONTROLLER...]:PATH. */
static void cgroup_line_add(struct protobuf *options, char *line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!path)
		return;
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	for (const char *name = controllers + 1;; name = strchr(name, ',') + 1) {
		size_t length = strcspn(name, ",");

		cgroup_add(options, name, length, path);
		if (!name[length])
			return;
	}
}

int restoration_cgroups(struct protobuf *options, pid_t pid, struct error *err)
{
	char path[32], line[PATH_MAX + 256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	file = fopen(path, "re");
	if (!file)
		return error_set(err, ERROR_CRIU, errno, "cannot read the cgroups of criu: %m");
	while (fgets(line, sizeof(line), file))
		cgroup_line_add(options, line);
	fclose(file);
	return 0;
}

/* The loopback device of a new network namespace is down, and CRIU leaves it so. */
static int loopback_raise(pid_t pid)
{
	auto_fd int own = openat(AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	auto_fd int other = -1, udp = -1;
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	char path[40];
	int result;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	other = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET) < 0)
		return -errno;
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	result = udp < 0 || ioctl(udp, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
	return setns(own, CLONE_NEWNET) < 0 ? -errno : result;
}

static bool plan_has(const struct plan *plan, enum step_kind kind)
{
	for (uint32_t i = plan->gate; i < plan->step_count; i++)
		if (plan_steps(plan)[i].kind == kind)
			return true;
	return false;
}

int restoration_namespaces(struct restoration *restoration, struct error *err)
{
	struct creation *creation = restoration->creation;
	int result = 0;

	if (plan_has(creation->compiled.plan, STEP_loopback))
		result = loopback_raise(creation->walk.pid);
	if (result < 0)
		return error_set(err, ERROR_NETWORK, -result,
			"cannot bring the loopback interface up: %s", strerror(-result));
	return walk_meet(&creation->walk, err);
}

void restoration_clocks(struct restoration *restoration)
{
	struct spec_record *record = &restoration->creation->record;
	struct stat own, other;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/time", restoration->creation->walk.pid);
	record->clocks.value = stat("/proc/self/ns/time", &own) == 0 && stat(path, &other) == 0 &&
		own.st_ino != other.st_ino;
	record->clocks.given = record->clocks.value;
}

int restoration_terminal(struct restoration *restoration, int master, struct error *err)
{
	int socket = restoration->creation->console;
	int result;

	if (socket < 0) {
		terminal_keep_newlines(master);
		terminal_resize(master);
		restoration->master = master;
		return 0;
	}
	result = unix_socket_send(socket, "/dev/console", master);
	close(master);
	return result < 0
		? error_set(err, ERROR_CONSOLE, -result,
			  "cannot send the terminal to the console socket: %s", strerror(-result))
		: 0;
}

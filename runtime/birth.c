/*
 * One clone3 makes the process in its namespaces, its cgroup (v2) and, lent for this one call, in a
 * pid namespace that exists already; then it executes the sealed image. What the child takes along
 * is decided here: its standard streams, the descriptors that the caller wants preserved, and one
 * socket with the number that argv[0] tells. No environment, no signal mask, nothing else of ours
 * (CVE-2024-21626).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/birth.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"
#include "runtime/image.h"
#include "runtime/plan/blame.h"
#include "runtime/plan/words.h"
#include "runtime/walk_steps.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

/* Lets nothing above number through the coming exec but the image, which closes itself. */
static int descriptors_end(int number, int image)
{
	unsigned int from = (unsigned int)number + 1, kept = (unsigned int)image;

	if (sys_close_range(from, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	/* Linux 5.10 can only close them, before the exec. */
	if (kept > from && sys_close_range(from, kept - 1, 0) < 0)
		return -1;
	return sys_close_range(kept + 1, ~0U, 0);
}

/*
 * In the child: becomes the gate, or says why not and ends. Each page that it touches has to be
 * mapped again, so the name is made before, and the signals go by the function that lies nearest.
 */
__attribute__((noreturn)) static void gate_execute(int image, int socket, int number, char *name)
{
	struct wire wire = {.end = WIRE_GATE, .state = WIRE_BORN};
	struct wire_failure failure = {.step = UINT32_MAX, .call = WIRE_CALL_execute};
	char *argv[] = {name, NULL}, *envp[] = {NULL};
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	if (image <= number)
		image = fcntl(image, F_DUPFD_CLOEXEC, number + 1);
	if (socket == number)
		fcntl(socket, F_SETFD, 0);
	else
		dup2(socket, number);
	if (descriptors_end(number, image) == 0)
		sys_execveat(image, "", argv, envp, AT_EMPTY_PATH);
	failure.error = errno;
	wire.fd = number;
	wire_send_failure(&wire, &failure);
	_exit(1);
}

/* What a clone uses besides its flags. */
struct delivery {
	int socket; /* the gate's end */
	int image;
	int cgroup; /* directory for CLONE_INTO_CGROUP, or -1 */
};

/* Mostly they were opened in a row. */
static void delivery_close(struct delivery *delivery)
{
	if (delivery->image == delivery->socket + 1 && delivery->cgroup == delivery->image + 1) {
		sys_close_row(delivery->socket, delivery->cgroup);
		return;
	}
	fd_cleanup(&delivery->socket);
	fd_cleanup(&delivery->image);
	fd_cleanup(&delivery->cgroup);
}

static pid_t gate_clone(
	const struct walk *walk, uint64_t namespaces, const struct delivery *delivery, int *pidfd)
{
	struct clone_args args = {
		.flags = namespaces | CLONE_PIDFD | (delivery->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = namespaces & CLONE_PARENT ? 0 : SIGCHLD, /* as the helper's */
		.cgroup = delivery->cgroup >= 0 ? (uint64_t)delivery->cgroup : 0,
	};
	char name[sizeof(WIRE_GATE_NAME) + 12];
	int number = 3 + (int)walk->preserve_fds;
	pid_t pid;

	snprintf(name, sizeof(name), "%s%d", WIRE_GATE_NAME, number);
	pid = sys_clone3(&args);
	if (pid == 0)
		gate_execute(delivery->image, delivery->socket, number, name);
	return pid;
}

/*
 * The same by a helper that enters the pid namespace for good: a caller whose own pid namespace
 * belongs to a user namespace above its own cannot come back. The process is our child.
 */
static pid_t gate_clone_helped(const struct walk *walk, const struct step_clone *clone,
	const struct delivery *delivery, int lent, int *pidfd)
{
	pid_t told[2] = {-1, EPIPE}; /* pid, errno */
	int ends[2], unused;
	pid_t helper;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	helper = fork();
	if (helper == 0) {
		if (setns(lent, CLONE_NEWPID) == 0)
			told[0] = gate_clone(
				walk, clone->namespaces | CLONE_PARENT, delivery, &unused);
		told[1] = errno;
		_exit(write(ends[1], told, sizeof(told)) != sizeof(told));
	}
	close(ends[1]);
	if (read(ends[0], told, sizeof(told)) < 0)
		told[1] = errno;
	close(ends[0]);
	if (helper > 0)
		waitpid(helper, NULL, 0);
	if (told[0] > 0)
		*pidfd = sys_pidfd_open(told[0], 0);
	errno = told[1];
	return told[0];
}

/* The same, born in the pid namespace behind a descriptor, which our own children are in only for
 * this moment. */
static pid_t gate_clone_lent(const struct walk *walk, const struct step_clone *clone,
	const struct delivery *delivery, int lent, int *pidfd)
{
	auto_fd int own = openat(AT_FDCWD, "/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	pid_t pid;
	int error;

	/* CVE-2016-9962: from the clone on, the container's processes see this child, a copy of us
	 */
	if (own < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -1;
	if (setns(own, CLONE_NEWPID) < 0)
		return gate_clone_helped(walk, clone, delivery, lent, pidfd);
	if (setns(lent, CLONE_NEWPID) < 0)
		return -1;
	pid = gate_clone(walk, clone->namespaces, delivery, pidfd);
	error = errno;
	if (setns(own, CLONE_NEWPID) < 0 && pid > 0) {
		error = errno;
		sys_pidfd_send_signal(*pidfd, SIGKILL, 0);
		pid = -1;
	}
	errno = error;
	return pid;
}

static int birth_clone(struct walk *walk, const struct step_clone *clone, const int *fds,
	const struct delivery *delivery)
{
	if (clone->pid >= 0)
		walk->pid = gate_clone_lent(walk, clone, delivery, fds[clone->pid], &walk->pidfd);
	else
		walk->pid = gate_clone(walk, clone->namespaces, delivery, &walk->pidfd);
	if (walk->pid > 0)
		return 0;
	walk->pid = 0;
	return -errno;
}

/* What an errno means of a clone into a cgroup of v2, whose own checks come before the process is.
 */
static const struct refusal {
	int number;
	const char *reason, *hint;
} refusals[] = {
	{EOPNOTSUPP, "a cgroup above it is threaded",
		"below one whose cgroup.type is threaded there can be no container: choose "
		"another"},
	{EBUSY, "it hands controllers down to cgroups below it",
		"in cgroup v2 such a cgroup holds no processes of its own: choose another, or one "
		"below"},
	{ENODEV, "it has been removed meanwhile", NULL},
	{EACCES, "this caller may not move processes into it",
		"a cgroup that holds both this caller and the container has to be delegated"},
};

static int birth_refused(const struct walk *walk, const char *cgroup, int number, struct error *err)
{
	const struct spec_linux *linux = walk->spec->config.linux;

	for (size_t i = 0; cgroup && i < array_size(refusals); i++) {
		if (refusals[i].number != number)
			continue;
		error_set(err, ERROR_CGROUP, number,
			"cannot start the container's first process in the cgroup %s: %s", cgroup,
			refusals[i].reason);
		if (linux && linux->cgroups_path)
			blame(err, walk->spec, NULL, &linux->cgroups_path);
		if (refusals[i].hint)
			error_hint(err, "%s", refusals[i].hint);
		return -number;
	}
	error_set(err, ERROR_NAMESPACE, number, "cannot start the container's first process: %s",
		strerror(number));
	if (number == EAGAIN)
		error_hint(err, WORDS_PROCESSES_LIMITED);
	if (number == EPERM)
		error_hint(err,
			"a caller without privilege needs a user namespace of its own: "
			"{\"type\": \"user\"} with mappings");
	return -number;
}

/*
 * From outside of what was delegated to us, as from a session of ssh, the kernel lets us put nobody
 * into our own scope. systemd may, for us: the gate is born here and waits for its plan.
 */
static int birth_attach(struct walk *walk, const struct step_clone *clone, const int *fds,
	struct delivery *delivery, struct error *err)
{
	struct arena arena = {0};
	int result;

	fd_cleanup(&delivery->cgroup);
	delivery->cgroup = -1;
	result = manager_open(walk->manager, &arena, err);
	if (result == 0) {
		result = birth_clone(walk, clone, fds, delivery);
		if (result < 0)
			birth_refused(walk, NULL, -result, err);
	}
	if (result == 0)
		result = manager_attach(walk->manager, walk->unit, walk->pid, err);
	arena_free(&arena);
	walk->manager->cgroup = NULL;
	return result;
}

static bool cgroup_is_ours(const struct walk *walk, const char *cgroup)
{
	for (uint32_t i = 0; walk->cgroups && i < walk->cgroups->count; i++)
		if (strcmp(walk->cgroups->items[i].path, cgroup) == 0)
			return walk->cgroups->items[i].made.value;
	return false;
}

/*
 * Linux 6.14 counts how often a cgroup was killed as a whole (cgroup.kill), and whoever is cloned
 * into one with another count than the caller's own cgroup is killed at birth. One that was made
 * for this container has not been killed; of any other a child that does nothing tells.
 */
static bool cgroup_kills(int cgroup)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
	pid_t pid = sys_clone3(&args);
	int status = 0;

	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* The same birth outside, and then the way in: the gate waits for its plan. */
static int birth_move(struct walk *walk, const struct step_clone *clone, const int *fds,
	struct delivery *delivery, const char *cgroup, struct error *err)
{
	char pid[16];
	int result;

	fd_cleanup(&delivery->cgroup);
	delivery->cgroup = -1;
	result = birth_clone(walk, clone, fds, delivery);
	if (result < 0)
		return birth_refused(walk, NULL, -result, err);
	snprintf(pid, sizeof(pid), "%d", walk->pid);
	result = cgroup_file_write(cgroup, "cgroup.procs", pid);
	return result < 0 ? birth_refused(walk, cgroup, -result, err) : 0;
}

/* The same birth in the cgroup of the container's first process. */
static int birth_below(struct walk *walk, const struct step_clone *clone, const int *fds,
	struct delivery *delivery, const char *cgroup, struct error *err)
{
	char path[PATH_MAX];
	int result;

	if (!walk->follow || !cgroup_follow(cgroup, walk->follow, path, sizeof(path)))
		return birth_refused(walk, cgroup, EBUSY, err);
	fd_cleanup(&delivery->cgroup);
	delivery->cgroup = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (delivery->cgroup < 0)
		return error_set(err, ERROR_CGROUP, errno, "cannot open %s: %m", path);
	result = birth_clone(walk, clone, fds, delivery);
	return result < 0 ? birth_refused(walk, path, -result, err) : 0;
}

/* Opens the directory for the clone. A container whose first process was moved may have lost its
 * own: then that is the cgroup of whoever comes later, and put into path. */
static int cgroup_open(
	const struct walk *walk, const char **cgroup, char path[PATH_MAX], struct error *err)
{
	int fd = openat(AT_FDCWD, *cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC), error = errno;

	if (fd < 0 && error == ENOENT && walk->follow && walk->unified &&
		cgroup_locate(walk->unified, walk->follow, path, PATH_MAX)) {
		*cgroup = path;
		fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		error = errno;
	}
	if (fd < 0)
		return error_set(
			err, ERROR_CGROUP, error, "cannot open %s: %s", *cgroup, strerror(error));
	return fd;
}

int birth_give(struct walk *walk, const struct step_clone *clone, int *fds, struct error *err)
{
	const char *cgroup = plan_string(walk->compiled->plan, clone->cgroup);
	__attribute__((cleanup(delivery_close))) struct delivery delivery = {-1, -1, -1};
	char path[PATH_MAX];
	int ends[2];
	int result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a socket pair: %m");
	walk->wire = (struct wire){.fd = ends[0], .end = WIRE_HOST, .state = WIRE_BORN};
	delivery.socket = ends[1];
	delivery.image = image_open(&walk->image, err);
	if (delivery.image < 0)
		return delivery.image;
	if (cgroup) {
		delivery.cgroup = cgroup_open(walk, &cgroup, path, err);
		if (delivery.cgroup < 0)
			return delivery.cgroup;
	}
	if (clone->pid >= 0) {
		result = walk_slot_open(walk, (uint32_t)clone->pid, fds, err);
		if (result < 0)
			return result;
	}
	if (cgroup && !cgroup_is_ours(walk, cgroup) && cgroup_kills(delivery.cgroup))
		return birth_move(walk, clone, fds, &delivery, cgroup, err);
	result = birth_clone(walk, clone, fds, &delivery);
	/* Who holds a new scope's place is counted, too; the limit is for those who are born there,
	 * not for one who moves. */
	if (result == -EAGAIN && cgroup && walk->record && walk->unit)
		return birth_move(walk, clone, fds, &delivery, cgroup, err);
	if (result == -EACCES && cgroup && walk->unit)
		return birth_attach(walk, clone, fds, &delivery, err);
	if (result == -EBUSY && cgroup)
		return birth_below(walk, clone, fds, &delivery, cgroup, err);
	return result < 0 ? birth_refused(walk, cgroup, -result, err) : 0;
}

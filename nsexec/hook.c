/*
 * Hooks that run inside: createContainer and startContainer. A hook is somebody else's program: it
 * gets the state document and three descriptors, its last words are kept for the failure record,
 * and when its time is over its whole process group goes.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define PIPE_SIZE 65536 /* bytes: pipe(7) */

struct hook {
	struct gate *gate;
	const struct step_hook *step;
	const char *path;
	int input;  /* the state document */
	int output; /* where its stdout and stderr arrive */
	int pidfd;
	pid_t pid;
	int *exec_error; /* shared with the child: why it could not be executed */
	size_t used;
	char tail[WIRE_DETAIL - NUMBER_SIZE - 1]; /* the last of its output */
};

/* A memfd with the state document, this process's pid in its middle; -1. */
static int document_make(const struct plan *plan, const struct step_hook *s)
{
	auto_fd int fd = sys_memfd("state", MFD_CLOEXEC);
	const char *parts[3] = {plan_string(plan, s->head), NULL, plan_string(plan, s->tail)};
	char digits[NUMBER_SIZE];

	number_write(digits, (uint64_t)getpid());
	parts[1] = digits;
	for (int i = 0; i < 3; i++)
		if (fd < 0 || write(fd, parts[i], strlen(parts[i])) != (ssize_t)strlen(parts[i]))
			return -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd_take(&fd);
}

/* The child's side: becomes the hook. Memory that it makes here dies with it. */
__attribute__((noreturn)) static void hook_become(const struct hook *hook)
{
	const struct gate *gate = hook->gate;
	const struct step_hook *s = hook->step;
	char **argv = gate_strings(gate, s->args, s->args.count == 0 ? hook->path : NULL);
	char **envp = s->inherits ? gate->envp : gate_strings(gate, s->env, NULL);
	int ready = argv != NULL && envp != NULL && setpgid(0, 0) == 0 &&
		prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;

	umask(gate->umask);
	if (ready && !gate->pivoted && gate->root >= 0)
		ready = fchdir(gate->root) == 0;
	if (ready && dup2(hook->input, 0) == 0 && dup2(hook->output, 1) == 1 &&
		dup2(hook->output, 2) == 2 && sys_close_range(3, ~0U, 0) == 0)
		execve(hook->path, argv, envp);
	*hook->exec_error = errno;
	_exit(127);
}

/* Starts the hook in a process of its own. 0 or -errno through gate_failed. */
static int hook_start(struct hook *hook)
{
	struct clone_args args = {.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&hook->pidfd,
		.exit_signal = SIGCHLD};
	auto_fd int input = document_make(hook->gate->plan, hook->step);
	int ends[2];

	if (input < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return gate_failed(hook->gate, WIRE_CALL_spawn, 0, hook->path);
	/* Of our end alone: the hook finds an output that blocks, as programs expect. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	hook->input = input;
	hook->output = ends[1];
	hook->pid = sys_clone3(&args);
	if (hook->pid == 0)
		hook_become(hook);
	fd_cleanup(&ends[1]);
	hook->output = ends[0];
	return hook->pid < 0 ? gate_failed(hook->gate, WIRE_CALL_spawn, 0, hook->path) : 0;
}

/* Reads what there is, a pipe full at most: some write without end. Keeps the last of it; false
 * when nothing more will come. */
static int hook_read(struct hook *hook)
{
	char chunk[sizeof(hook->tail)];
	ssize_t got = 1;

	for (size_t total = 0; total < PIPE_SIZE; total += (size_t)got) {
		size_t fresh, kept = hook->used;

		got = read(hook->output, chunk, sizeof(chunk));
		if (got <= 0)
			break;
		fresh = (size_t)got;
		if (kept > sizeof(hook->tail) - fresh)
			kept = sizeof(hook->tail) - fresh;
		memmove(hook->tail, hook->tail + hook->used - kept, kept);
		memcpy(hook->tail + kept, chunk, fresh);
		hook->used = kept + fresh;
	}
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Collects output until the hook has ended; false when its time was over before. */
static int hook_attend(struct hook *hook)
{
	struct pollfd events[2] = {
		{.fd = hook->pidfd, .events = POLLIN}, {.fd = hook->output, .events = POLLIN}};
	int64_t end = milliseconds_now() + hook->step->timeout * 1000;

	while (events[0].revents == 0) {
		int64_t left = hook->step->timeout > 0 ? end - milliseconds_now() : -1;

		if (hook->step->timeout > 0 && left <= 0)
			return 0;
		poll(events, 2, left > INT_MAX ? INT_MAX : (int)left);
		/* Whoever the hook leaves behind may hold its output: that is no reason to wait. */
		if (events[1].revents != 0 && !hook_read(hook))
			events[1].fd = -1;
	}
	hook_read(hook);
	return 1;
}

/* The failure record's detail: the status in digits, a blank, the last output. */
static int hook_failed(struct hook *hook, enum wire_call call, unsigned int status)
{
	char detail[WIRE_DETAIL];
	size_t length = number_write(detail, status);

	detail[length++] = ' ';
	memcpy(detail + length, hook->tail, hook->used);
	detail[length + hook->used] = '\0';
	return gate_failed(hook->gate, call, ECANCELED, detail);
}

/* Waits for the hook and judges it. */
static int hook_end(struct hook *hook)
{
	int in_time = hook_attend(hook);
	int status;

	if (!in_time)
		kill(-hook->pid, SIGKILL);
	while (waitpid(hook->pid, &status, 0) < 0)
		if (errno != EINTR)
			return gate_failed(hook->gate, WIRE_CALL_spawn, 0, hook->path);
	if (!in_time)
		return hook_failed(hook, WIRE_CALL_timed_out, (unsigned int)hook->step->timeout);
	if (*hook->exec_error != 0)
		return gate_failed(hook->gate, WIRE_CALL_execute, *hook->exec_error, hook->path);
	if (WIFSIGNALED(status))
		return hook_failed(hook, WIRE_CALL_signaled, (unsigned int)WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return hook_failed(hook, WIRE_CALL_exited, (unsigned int)WEXITSTATUS(status));
	return 0;
}

int gate_hook(struct gate *gate, const struct step_hook *s)
{
	struct hook hook = {.gate = gate,
		.step = s,
		.path = plan_string(gate->plan, s->path),
		.output = -1,
		.pidfd = -1};
	int result;

	hook.exec_error = mmap(NULL, sizeof(*hook.exec_error), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hook.exec_error == MAP_FAILED)
		return gate_failed(gate, WIRE_CALL_spawn, 0, hook.path);
	result = hook_start(&hook);
	if (result == 0)
		result = hook_end(&hook);
	fd_cleanup(&hook.output);
	fd_cleanup(&hook.pidfd);
	munmap(hook.exec_error, sizeof(*hook.exec_error));
	return result;
}

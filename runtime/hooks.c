/*
 * A hook is somebody else's program in our own namespaces: it gets the state document on a pipe,
 * the bundle as its directory, nothing of our descriptors, a process group of its own so that a
 * timeout ends all of it, and what it prints is kept for the error that its failure becomes. It may
 * exit without reading, or leave a child that holds its output open: neither may stop us, so
 * everything happens in one poll loop that ends with the process itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/hooks.h"
#include "runtime/plan/compile.h"
#include "runtime/report.h"
#include "runtime/trace.h"

#define HOOK_OUTPUT 600 /* bytes of its last output that are kept */
#define PIPE_SIZE 65536 /* bytes that its output may hold: pipe(7) */

/* One hook while it runs. */
struct hook_process {
	pid_t pid;
	int pidfd;
	int input;  /* write end of its stdin, -1 when all is written */
	int output; /* read end of its stdout and stderr, -1 when closed */
	const char *text;
	size_t unwritten;
	char last[HOOK_OUTPUT + 1];
	size_t length;
};

int state_document(const struct spec_record *record, enum status status, struct arena *arena,
	struct state_document *document, struct error *err)
{
	struct spec_container_state state = {
		.oci_version = SPEC_VERSION,
		.id = record->id,
		.status = status_word(status),
		.bundle = record->bundle,
		.annotations = record->annotations,
	};
	size_t length;
	const char *text;

	state.annotations.given = false; /* none: no member */
	text = table_encode(&spec_container_state_table, &state, 0, arena, &length, err);
	if (!text)
		return -err->number;
	document->head = arena_format(arena, "%.*s,\"pid\":", (int)length - 1, text);
	document->tail = "}\n";
	return document->head ? 0 : error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

static int64_t clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In the child: becomes the hook. The exit status tells a failed exec as a shell would. */
__attribute__((noreturn)) static void hook_execute(
	const struct spec_hook *hook, int input, int output, const char *bundle)
{
	sigset_t none;
	char *fallback[] = {(char *)hook->path, NULL};
	struct arena arena = {0};
	struct string_list env = trace_environment(&hook->env, &arena);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* what we were killed over goes no further */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(126);
	/* CVE-2024-21626: a descriptor of ours or of our caller must not reach the hook */
	if (sys_close_range(3, ~0U, 0) < 0)
		dprintf(2, "cannot close what the caller left open: %m\n");
	else if (chdir(bundle) < 0)
		dprintf(2, "cannot enter %s: %m\n", bundle);
	else if (execve(hook->path, hook->args.count ? (char **)hook->args.items : fallback,
			 hook->env.given ? (char **)env.items : environ) < 0)
		dprintf(2, "cannot execute %s: %m\n", hook->path);
	_exit(errno == ENOENT ? 127 : 126);
}

static int hook_start(
	const struct spec_hook *hook, const char *bundle, struct hook_process *process)
{
	auto_fd int stdin_read = -1;
	auto_fd int output_write = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	stdin_read = ends[0];
	process->input = ends[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	process->output = ends[0];
	output_write = ends[1];
	fcntl(process->input, F_SETFL, O_NONBLOCK);
	fcntl(process->output, F_SETFL, O_NONBLOCK);
	process->pid = fork();
	if (process->pid < 0)
		return -errno;
	if (process->pid == 0)
		hook_execute(hook, stdin_read, output_write, bundle);
	process->pidfd = sys_pidfd_open(process->pid, 0);
	return process->pidfd < 0 ? -errno : 0;
}

static void descriptor_close(int *fd)
{
	fd_cleanup(fd);
	*fd = -1;
}

/* Feeds what fits; a reader that went away is fine. */
static void hook_feed(struct hook_process *process)
{
	ssize_t written = write(process->input, process->text, process->unwritten);

	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (written > 0) {
		process->text += written;
		process->unwritten -= (size_t)written;
	}
	if (written < 0 || process->unwritten == 0)
		descriptor_close(&process->input);
}

/* Reads what is there and keeps the end of it. Returns 0 when there is no more for now. */
static int hook_drain(struct hook_process *process)
{
	char chunk[HOOK_OUTPUT];
	ssize_t got = read(process->output, chunk, sizeof(chunk));
	size_t keep;

	if (got == 0)
		descriptor_close(&process->output);
	if (got <= 0)
		return 0;
	keep = HOOK_OUTPUT - (size_t)got;
	if (process->length > keep) {
		memmove(process->last, process->last + process->length - keep, keep);
		process->length = keep;
	}
	memcpy(process->last + process->length, chunk, (size_t)got);
	process->length += (size_t)got;
	return 1;
}

/* Until the process ends, or the deadline (milliseconds on the monotonic clock; 0: none) passes:
 * -ETIMEDOUT. */
static int hook_attend(struct hook_process *process, int64_t deadline)
{
	for (;;) {
		struct pollfd events[3] = {
			{.fd = process->pidfd, .events = POLLIN},
			{.fd = process->output, .events = POLLIN},
			{.fd = process->input, .events = POLLOUT},
		};
		int64_t left = deadline ? deadline - clock_milliseconds() : -1;

		if (deadline && left <= 0)
			return -ETIMEDOUT;
		if (poll(events, 3, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
			return -errno;
		if (events[2].revents)
			hook_feed(process);
		if (events[1].revents)
			hook_drain(process);
		if (events[0].revents)
			return 0;
	}
}

static void hook_end(struct hook_process *process, int *status)
{
	if (process->pid > 0) {
		while (waitpid(process->pid, status, 0) < 0 && errno == EINTR)
			;
		/* What it has said, and not what those that it leaves behind go on to say. */
		for (size_t read = 0; read < PIPE_SIZE && process->output >= 0; read += HOOK_OUTPUT)
			if (!hook_drain(process))
				break;
	}
	descriptor_close(&process->pidfd);
	descriptor_close(&process->input);
	descriptor_close(&process->output);
	while (process->length && process->last[process->length - 1] == '\n')
		process->length--;
	process->last[process->length] = '\0';
}

void hooks_heading(const char *pointer, char *buffer, size_t size)
{
	char list[32];
	unsigned int number;

	if (sscanf(pointer, "/%*[^/]/%31[^/]/%u", list, &number) == 2)
		snprintf(buffer, size, "error running %s hook #%u", list, number);
	else
		snprintf(buffer, size, "error running a hook");
}

/* What a hook's end means: 0 for success, else err filled. */
static int hook_judge(const struct spec *spec, const struct spec_hook *hook,
	const struct hook_process *process, int result, int status, struct error *err)
{
	char how[64], heading[64], pointer[sizeof(err->pointer)];

	if (result == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (result == -ETIMEDOUT)
		snprintf(how, sizeof(how), "was not done after %lld s",
			(long long)hook->timeout.value);
	else if (result < 0)
		snprintf(how, sizeof(how), "could not be run: %s", strerror(-result));
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "exited with status %d", WEXITSTATUS(status));
	plan_pointer(spec, NULL, hook, pointer, sizeof(pointer));
	hooks_heading(pointer, heading, sizeof(heading));
	error_set(err, ERROR_HOOK, result < 0 ? -result : EIO, "%s: %s %s%s%s", heading, hook->path,
		how, process->length ? ", having said: " : "", process->last);
	error_step(err, "hook");
	error_pointer(err, "%s", pointer);
	return -err->number;
}

static int hook_run(const struct spec *spec, const struct spec_hook *hook, const char *bundle,
	const char *text, struct error *err)
{
	struct hook_process process = {
		.pidfd = -1,
		.input = -1,
		.output = -1,
		.text = text,
		.unwritten = strlen(text),
	};
	int64_t deadline =
		hook->timeout.given ? clock_milliseconds() + hook->timeout.value * 1000 : 0;
	int result, status = 0;

	result = hook_start(hook, bundle, &process);
	if (result == 0)
		result = hook_attend(&process, deadline);
	if (result < 0 && process.pid > 0) {
		kill(-process.pid, SIGKILL);
		kill(process.pid, SIGKILL);
	}
	hook_end(&process, &status);
	return hook_judge(spec, hook, &process, result, status, err);
}

int hooks_run(const struct spec *spec, const struct spec_hook_list *list, const char *bundle,
	const struct state_document *document, pid_t pid, struct error *err)
{
	auto_free char *text = NULL;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int result = 0;

	if (list->count == 0)
		return 0;
	if (asprintf(&text, "%s%d%s", document->head, pid, document->tail) < 0)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	sigaction(SIGPIPE, &ignore, &before);
	for (uint32_t i = 0; i < list->count && result == 0; i++)
		result = hook_run(spec, &list->items[i], bundle, text, err);
	sigaction(SIGPIPE, &before, NULL);
	return result;
}

void hooks_run_poststop(
	const struct spec *spec, const char *bundle, const struct state_document *document)
{
	const struct spec_hooks *hooks = spec->config.hooks;

	for (uint32_t i = 0; hooks && i < hooks->poststop.count; i++) {
		struct spec_hook_list one = {.count = 1, .items = &hooks->poststop.items[i]};
		struct error err = {0};

		if (hooks_run(spec, &one, bundle, document, 0, &err) < 0)
			report_warning(err.pointer, err.message);
	}
}

int64_t hooks_patience(const struct spec_hook_list *list)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		if (!list->items[i].timeout.given)
			return -1;
		sum += list->items[i].timeout.value * 1000;
	}
	return sum;
}

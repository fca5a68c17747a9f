/*
 * Nothing can be taken back from inside a signal's handler, and a verb that hangs in the kernel
 * runs no handler. So a guard waits beside the verb: it stops it, by a signal whose handler lets go
 * of everything and waits, or for good; and then it does what `delete --force` does, which finds
 * all that was made, because it was written down before. SIGTRAP, since nobody sends it to a
 * program from outside.
 */
#include "runtime/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/number.h"
#include "runtime/report.h"
#include "state/store.h"

#define STOP_SIGNAL SIGTRAP
#define STOP_PATIENCE 500 /* ms until a verb that does not stop is killed */
#define MESSAGE_FD 2

/* What the guard sees of the verb. */
struct progress {
	char id[CONTAINER_ID_MAX + 1]; /* of the container to take back; "": none */
	pid_t maker;                   /* who makes it: the verb, or its monitor */
	char done[64];
};

static struct {
	struct progress *progress; /* shared; NULL: no bound */
	int alive;                 /* closed when the verb has ended, or has let go */
	int finished;              /* ends when the guard has done its work */
} bound;

/* In the verb, wherever it was: lets go of locks and pipes, and ends when the guard has. */
static void stopped_handle(int signal)
{
	int finished = dup2(bound.finished, MESSAGE_FD + 1);
	char byte;

	sys_close_range((unsigned int)finished + 1, ~0U, 0);
	while (read(finished, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(1);
}

/* True when the verb ends, or lets go, within this time. */
static bool ends_within(int alive, int64_t milliseconds)
{
	struct pollfd end = {.fd = alive, .events = POLLIN};
	int ready;

	while ((ready = poll(&end, 1, (int)milliseconds)) < 0 && errno == EINTR)
		;
	return ready > 0;
}

/* A monitor that makes a container has its lock, and ours would wait for that. */
static void maker_stop(const struct progress *progress, pid_t verb)
{
	auto_fd int maker = progress->maker > 0 && progress->maker != verb
		? sys_pidfd_open(progress->maker, 0)
		: -1;

	if (maker >= 0)
		sys_pidfd_send_signal(maker, SIGKILL, 0);
}

static void making_undo(const char *root, const char *id)
{
	struct error err = {0};

	if (verb_take_back(root, id, &err) < 0)
		report_warning(err.pointer, err.message);
}

__attribute__((noreturn)) static void guard_live(
	const struct command *command, int alive, int verb, int64_t milliseconds)
{
	struct progress *progress = bound.progress;
	pid_t parent = getppid();
	struct error err = {0};

	setsid();
	if (ends_within(alive, milliseconds))
		_exit(0);
	error_set(&err, ERROR_TIMEOUT, ETIMEDOUT, "gave up after %s%s%s",
		command->value[OPTION_bound],
		progress->done[0] ? "; the last thing done was: " : "", progress->done);
	/* first, or it would tell that its monitor has died */
	sys_pidfd_send_signal(verb, STOP_SIGNAL, 0);
	maker_stop(progress, parent);
	if (!ends_within(alive, STOP_PATIENCE))
		sys_pidfd_send_signal(verb, SIGKILL, 0);
	bound.progress = NULL; /* of what comes now nobody takes account */
	if (progress->id[0])
		making_undo(command->value[OPTION_root], progress->id);
	report_error(verb_rows[command->verb].name, &err);
	report_close();
	_exit(0);
}

static int guard_begin(const struct command *command, int64_t milliseconds, struct error *err)
{
	int alive[2], finished[2], verb = sys_pidfd_open(getpid(), 0);
	pid_t guard;

	if (verb < 0 || pipe2(alive, O_CLOEXEC) < 0 || pipe2(finished, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a pipe: %m");
	guard = fork();
	if (guard < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot start a process: %m");
	if (guard == 0) {
		close(alive[1]);
		close(finished[0]);
		guard_live(command, alive[0], verb, milliseconds);
	}
	close(verb);
	close(alive[0]);
	close(finished[1]);
	bound.alive = alive[1];
	bound.finished = finished[0];
	sigaction(STOP_SIGNAL, &(struct sigaction){.sa_handler = stopped_handle}, NULL);
	return 0;
}

int bound_begin(const struct command *command, struct error *err)
{
	int64_t milliseconds = 0;
	int result = duration_option(command, OPTION_bound, &milliseconds, err);

	if (result < 0)
		return result;
	if (command->verb == VERB_exec || command->verb == VERB_wait)
		return error_set(err, ERROR_USAGE, EINVAL,
			"%s has a --timeout of its own, behind it", verb_rows[command->verb].name);
	if (milliseconds < 1 || milliseconds > INT32_MAX)
		return error_set(err, ERROR_USAGE, EINVAL, "a timeout is from 1 ms to 24 days");
	bound.progress = mmap(NULL, sizeof(*bound.progress), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (bound.progress == MAP_FAILED)
		return error_set(err, ERROR_SYSTEM, errno, "cannot share memory: %m");
	return guard_begin(command, milliseconds, err);
}

int bound_signal(void)
{
	return bound.progress ? STOP_SIGNAL : 0;
}

void bound_own(const char *id)
{
	if (bound.progress)
		snprintf(bound.progress->id, sizeof(bound.progress->id), "%s", id);
	if (bound.progress)
		bound.progress->maker = getpid();
}

void bound_note(const char *done)
{
	if (bound.progress)
		snprintf(bound.progress->done, sizeof(bound.progress->done), "%s", done);
}

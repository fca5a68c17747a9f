/*
 * start tells the truth: it returns when the program has been executed, seen as the end of the
 * connection to the waiting init, or with the reason why not. From the moment that the door is open
 * a failure is the end of the container, as the specification has it; before that, nothing has
 * changed.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/disposal.h"
#include "runtime/existing.h"
#include "runtime/plan/words.h"
#include "runtime/readiness.h"
#include "runtime/report.h"
#include "runtime/trace.h"
#include "runtime/verb/verbs.h"
#include "runtime/walk.h"
#include "state/door.h"
#include "state/journal.h"
#include "state/life.h"

#define LOCK_PATIENCE 10000 /* milliseconds */
#define START_PATIENCE 60   /* seconds from open door to program, besides hooks */

static int start_check(struct existing *existing, struct error *err)
{
	enum status status = status_derive(&existing->record);

	if (status == STATUS_PAUSED)
		return error_set(err, ERROR_STATUS, EBUSY, "cannot start a paused container");
	if (status == STATUS_RUNNING)
		return error_set(
			err, ERROR_STATUS, EBUSY, "cannot start an already running container");
	if (status == STATUS_STOPPED)
		return error_set(
			err, ERROR_STATUS, ESRCH, "cannot start a container that has stopped");
	if (status == STATUS_CREATING)
		return error_set(err, ERROR_STATUS, EBUSY,
			"cannot start a container that is still being created");
	return 0;
}

/* The words for what failed behind the door: its number is that of a step of the plan, compiled
 * anew from what create kept. */
static int start_explain(struct existing *existing, struct wire_failure *failure, struct error *err)
{
	struct compile_input input;
	struct compiled compiled = {0};
	int result = existing->spec.bytes ? 0 : existing_read_spec(existing, err);

	if (result == 0)
		result = existing_input(existing, &input, err);
	input.door = true;
	if (result == 0)
		result = plan_compile(&input, &existing->spec.arena, &compiled, err);
	if (result < 0)
		return result;
	/* what was not kept (--no-new-keyring) changes the number of steps before the door, never
	 * behind it */
	if (existing->record.steps.given)
		failure->step += compiled.plan->step_count - (uint32_t)existing->record.steps.value;
	return words_for_failure(&compiled, &existing->spec, failure, err);
}

/* The waiting process was killed. signal: by which; 0: nobody knows. */
static int error_killed(struct existing *existing, int signal, struct error *err)
{
	struct error unheeded = {0};

	if (signal == 0)
		return error_set(err, ERROR_GATE, ECHILD,
			"the container's first process was killed before its program ran");
	error_set(err, ERROR_GATE, ECHILD,
		"the container's first process was ended by signal %d before its program ran",
		signal);
	if (signal == SIGKILL &&
		(existing->spec.bytes || existing_read_spec(existing, &unheeded) == 0))
		walk_suspect_memory(&existing->spec, err);
	return -ECHILD;
}

/* The signal that has ended a process which never had this name. */
static int signal_before(const struct existing *existing, const char *name)
{
	const struct spec_record *record = &existing->record;

	return process_killed_before((pid_t)record->init.value, record->init_start.value, name);
}

/*
 * The end of the connection is the exec, or the end of the process in the midst of it: then its
 * memory is gone before its descriptors are, and with it /proc/PID/exe. So is that of a program
 * that has ended already, but it has left its name.
 */
static int start_confirm(struct existing *existing, struct error *err)
{
	const char *program, *name;
	struct stat image;
	char path[32];
	int signal;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)existing->record.init.value);
	if (stat(path, &image) == 0 || errno != ENOENT)
		return 0;
	/* only of one that a signal has ended is it asked what it was */
	if (signal_before(existing, "") == 0)
		return 0;
	if (!existing->spec.bytes && existing_read_spec(existing, err) < 0)
		return -err->number;
	program = existing->spec.config.process->args.items[0];
	name = strrchr(program, '/');
	signal = signal_before(existing, name ? name + 1 : program);
	return signal == 0 ? 0 : error_killed(existing, signal, err);
}

/* Reads the connection until the program runs: its end, or one struct wire_failure. */
static int start_wait(struct existing *existing, int connection, struct error *err)
{
	const struct spec_hooks *hooks = existing->spec.config.hooks;
	int64_t patience = hooks ? hooks_patience(&hooks->start_container) : 0;
	int limit = patience < 0 ? -1 : (int)(START_PATIENCE * 1000 + patience);
	struct pollfd polled = {.fd = connection, .events = POLLIN};
	struct wire_failure failure;
	ssize_t got;

	while (poll(&polled, 1, limit) < 0 && errno == EINTR)
		;
	got = recv(connection, &failure, sizeof(failure), 0);
	if (got == 0)
		return start_confirm(existing, err);
	if (got == sizeof(failure)) {
		failure.detail[WIRE_DETAIL - 1] = '\0';
		return start_explain(existing, &failure, err);
	}
	if (got < 0 && errno == ECONNRESET)
		return error_killed(existing, signal_before(existing, ""), err);
	if (got < 0 && errno == EAGAIN)
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"the container's program did not start within %d s", limit / 1000);
	return error_set(err, ERROR_GATE, got < 0 ? errno : EPROTO,
		"cannot talk to the container's first process: %s",
		strerror(got < 0 ? errno : EPROTO));
}

static int start_poststart(struct existing *existing, struct error *err)
{
	const struct spec *spec = &existing->spec;
	struct state_document document;
	int result;

	if (!spec->config.hooks || !spec->config.hooks->poststart.count)
		return 0;
	result = state_document(
		&existing->record, STATUS_RUNNING, &existing->spec.arena, &document, err);
	if (result < 0)
		return result;
	return hooks_run(spec, &spec->config.hooks->poststart, existing->record.bundle, &document,
		(pid_t)existing->record.init.value, err);
}

/* Until the program says that it is ready; start is not over before. */
static void start_relay(struct existing *existing, int readiness)
{
	const struct spec_record *record = &existing->record;
	auto_fd int init = process_open((pid_t)record->init.value, record->init_start.value);

	container_unlock(&existing->container);
	if (init >= 0)
		readiness_relay(readiness, init, (pid_t)record->init.value);
}

static int start_container(struct existing *existing, struct error *err)
{
	auto_fd int readiness = readiness_listen(&existing->container, err);
	auto_fd int connection = err->code ? -1 : door_open(&existing->container, err);
	struct error undone = {0};
	int result;

	if (connection < 0)
		return -err->number;
	trace_lap("open the door");
	/* what will be true is written while the gate executes the program */
	existing->record.status = status_word(STATUS_RUNNING);
	existing->record.gate = (struct maybe_uint){0}; /* nobody need look for it */
	result = record_draft(&existing->container, &existing->record, err);
	if (result == 0)
		result = start_wait(existing, connection, err);
	trace_lap("wait for the program to run");
	if (result == 0)
		result = record_publish(&existing->container, err);
	if (result == 0)
		result = start_poststart(existing, err);
	if (result == 0)
		journal_add(&existing->container, "start",
			(struct spec_event){.pid = existing->record.init});
	if (result == 0 && readiness >= 0)
		start_relay(existing, readiness);
	if (result < 0 &&
		disposal_run(&existing->container, &existing->record, &existing->spec, &undone) < 0)
		report_warning(undone.pointer, undone.message);
	return result;
}

static int start_read(struct existing *existing, struct error *err)
{
	int result = existing_read_spec(existing, err);

	if (result == 0 && !existing->spec.config.process)
		result = error_set(err, ERROR_STATUS, EINVAL,
			"cannot start a container whose configuration has no process");
	return result;
}

int verb_start(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result = existing_enter(
		&existing, command->value[OPTION_root], command->argv[0], LOCK_PATIENCE, err);

	if (result == 0)
		result = start_check(&existing, err);
	if (result == 0 && !existing_is_plain(&existing))
		result = start_read(&existing, err);
	if (result == 0)
		result = start_container(&existing, err);
	existing_free(&existing);
	return result;
}

/*
 * The end of a container that was made in the foreground: we wait for it as its parent, and
 * remove what was made for it.
 */
#include <errno.h>
#include <sys/wait.h>

#include "runtime/creation.h"
#include "runtime/disposal.h"
#include "runtime/foreground.h"
#include "runtime/readiness.h"
#include "runtime/report.h"
#include "runtime/trace.h"
#include "state/journal.h"

#define LOCK_PATIENCE 10000 /* milliseconds: another verb may be at work at the end */

static struct maybe_int end_signal(const struct creation *creation)
{
	return (struct maybe_int){creation->walk.signal != 0, creation->walk.signal};
}

/* What --keep leaves: how it ended. */
static int end_keep(struct creation *creation, int status, struct error *err)
{
	struct spec_exit_record end = {
		.schema = EXIT_SCHEMA, .exit_code = {true, status}, .signal = end_signal(creation)};

	creation->record.status = "exited";
	creation->record.pid = " ";
	return exit_record_write(&creation->container, &end, err) < 0
		? -err->number
		: record_write(&creation->container, &creation->record, err);
}

/* After the end of the program, under the lock that we gave up while it ran. */
static int end_finish(struct creation *creation, bool keep, int status, struct error *err)
{
	int result = container_lock(&creation->container, LOCK_PATIENCE, err);

	if (result < 0 && err->code == ERROR_NOT_FOUND) { /* deleted meanwhile, with --force */
		error_clear(err);
		return status;
	}
	if (result == 0)
		journal_add(&creation->container, "exit",
			(struct spec_event){
				.exit_code = {true, status}, .signal = end_signal(creation)});
	if (result == 0 && keep)
		result = end_keep(creation, status, err);
	if (result == 0 && !keep) {
		creation->record.init = (struct maybe_int){0}; /* reaped */
		result =
			disposal_run(&creation->container, &creation->record, &creation->spec, err);
	}
	return result < 0 ? result : status;
}

/* What could not be waited for, or removed, is removed as `delete --force` does it. */
static void end_take_back(struct creation *creation)
{
	struct error err = {0};

	container_leave(&creation->container);
	if (verb_take_back(creation->root, creation->id, &err) < 0)
		report_warning(err.pointer, err.message);
}

int creation_attend(struct creation *creation, int master, bool keep, struct error *err)
{
	pid_t relay = -1;
	int status;

	container_unlock(&creation->container);
	if (creation->readiness >= 0)
		relay = readiness_relay_apart(creation->readiness, creation->walk.pidfd);
	status = foreground_wait(&creation->walk, master, err);
	trace_lap("wait for the program to end");
	/* A program's last word is passed on even if it ends right after it. */
	while (status >= 0 && relay > 0 && waitpid(relay, NULL, 0) < 0 && errno == EINTR)
		;
	if (status < 0)
		walk_undo(&creation->walk);
	else
		status = end_finish(creation, keep, status, err);
	if (status < 0 && !keep)
		end_take_back(creation);
	return status;
}

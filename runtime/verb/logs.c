/* logs: what a detached container wrote, and what it writes while we look. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/moment.h"
#include "runtime/number.h"
#include "runtime/report.h"
#include "runtime/short_id.h"
#include "runtime/verb/verbs.h"
#include "state/life.h"
#include "state/log.h"

/* What waits in the pipes is lost only with the container. */
static void monitor_warn(const struct existing *existing)
{
	char text[256];

	snprintf(text, sizeof(text),
		status_derive(&existing->record) == STATUS_STOPPED
			? "the container's monitor was killed: what came after is lost"
			: "the container's monitor was killed: what came after waits in the "
			  "pipes, and the container with it when they are full; `%s monitor "
			  "%.100s` "
			  "starts another",
		report_program(), existing->container.id);
	report_warning(NULL, text);
}

/* Output that is missing must be said to be missing; a monitor that still works has the last word
 * later. */
static void losses_report(const struct existing *existing)
{
	struct spec_exit_record end;
	struct arena arena = {0};
	struct error err = {0};
	uint64_t start;
	char text[128];
	/* asked first: a monitor that has ended by itself has written its record before */
	bool gone = process_start_time((pid_t)existing->record.monitor.value, &start) < 0;
	int result = exit_record_read(&existing->container, &arena, &end, &err);

	if (result == 0 && end.log_lost.value > 0) {
		snprintf(text, sizeof(text), "%llu bytes of output are lost: the disk was full",
			(unsigned long long)end.log_lost.value);
		report_warning(NULL, text);
	}
	if (result == -ENOENT && gone)
		monitor_warn(existing);
	else if (existing->record.interrupted.value)
		report_warning(NULL,
			"the container's monitor was killed once and replaced: what it held may be "
			"missing, 64 KiB at most");
	arena_free(&arena);
}

/* Which of the streams, and which of their lines. */
static int view_read(const struct command *command, struct log_view *view, struct error *err)
{
	const char *stream = command->value[OPTION_stream];
	const char *tail = command->value[OPTION_tail];
	uint32_t lines = 0;
	int result = moment_option(command, OPTION_since, &view->since, err);

	if (result == 0)
		result = moment_option(command, OPTION_until, &view->until, err);
	if (result == 0 && tail && strcmp(tail, "all") != 0) {
		result = number_option(command, OPTION_tail, INT32_MAX, &lines, err);
		view->tail = lines;
	}
	if (result < 0 || !stream)
		return result;
	if (strcmp(stream, "stdout") != 0 && strcmp(stream, "stderr") != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown stream \"%s\": it is stdout or stderr", stream);
	view->streams = 1u << (strcmp(stream, "stderr") == 0 ? LOG_STDERR : LOG_STDOUT);
	return 0;
}

static int logs_print(
	const struct existing *existing, const struct command *command, struct error *err)
{
	const struct spec_record *record = &existing->record;
	struct log_view view = {.out = stdout,
		.err = stderr,
		.tail = -1,
		.times = command->given[OPTION_timestamps],
		.follow = command->given[OPTION_follow]};
	auto_fd int monitor = -1;
	bool missed = false;
	int result;

	if (!record->log.value) {
		error_set(err, ERROR_STATUS, ENOENT, "container %s has no log", record->id);
		error_hint(err, "only `run --detach` keeps one");
		return -ENOENT;
	}
	result = view_read(command, &view, err);
	if (result < 0)
		return result;
	monitor = process_open((pid_t)record->monitor.value, record->monitor_start.value);
	result = log_copy(&existing->container, &view, monitor, &missed, err);
	if (result == 0 && missed)
		report_warning(NULL, "output is missing here: its log was rotated away unread");
	if (result == 0)
		losses_report(existing);
	return result;
}

int verb_logs(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result =
		existing_find(&existing, command->value[OPTION_root], command->argv[0], 0, err);

	if (result == 0)
		result = logs_print(&existing, command, err);
	existing_free(&existing);
	return result;
}

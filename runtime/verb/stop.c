/*
 * stop: the program is asked to end, in the way that its image wishes; what has not ended when the
 * grace is over is killed with everything in the container's cgroup. When stop returns, nothing of
 * the container runs.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/number.h"
#include "runtime/report.h"
#include "runtime/short_id.h"
#include "runtime/signal.h"
#include "runtime/verb/verbs.h"
#include "state/ending.h"
#include "state/life.h"

#define GRACE 10000          /* ms */
#define DEATH_PATIENCE 10000 /* ms after SIGKILL */
#define STOP_SIGNAL "org.opencontainers.image.stopSignal"

/* What --signal says, else the image's annotation, else TERM. */
static int stop_signal(const struct command *command, const struct spec_record *record, int *signal,
	struct error *err)
{
	*signal = SIGTERM;
	if (command->value[OPTION_signal])
		return signal_read(command->value[OPTION_signal], signal, err);
	for (uint32_t i = 0; i < record->annotations.count; i++)
		if (strcmp(record->annotations.items[i].key, STOP_SIGNAL) == 0)
			return signal_read(record->annotations.items[i].value, signal, err);
	return 0;
}

/* Whether the process has ended within this time. */
static bool process_ends(int pidfd, int64_t milliseconds)
{
	struct pollfd polled = {.fd = pidfd, .events = POLLIN};
	int64_t deadline = moment_now() + milliseconds;
	int ready;

	do {
		int64_t left = deadline - moment_now();

		ready = poll(&polled, 1, left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left);
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Asks, waits, and kills. A signal that finds nobody has come too late, which is fine. */
static int process_stop(
	const struct spec_record *record, int pidfd, int signal, int64_t grace, struct error *err)
{
	enum status status = status_derive(record);
	struct error late = {0};
	int result = 0;

	if (status == STATUS_RUNNING || status == STATUS_PAUSED) {
		result = container_signal(record, signal, false, &late);
		if (result == 0 && status == STATUS_PAUSED)
			result = cgroup_freeze(&record->cgroups, false, err);
		if (result == 0 && process_ends(pidfd, grace))
			return 0;
	}
	result = container_signal(record, SIGKILL, false, &late);
	if (result < 0 && result != -ESRCH) {
		*err = late;
		return result;
	}
	return process_ends(pidfd, DEATH_PATIENCE)
		? 0
		: error_set(err, ERROR_TIMEOUT, ETIMEDOUT, "the container's process does not die");
}

static int stop_one(const struct command *command, const char *id, int64_t grace, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	const struct spec_record *record = &existing.record;
	auto_fd int pidfd = -1;
	int signal;
	int result = existing_find(&existing, command->value[OPTION_root], id, 0, err);

	if (result == 0 && status_derive(record) == STATUS_CREATING)
		result = error_set(
			err, ERROR_STATUS, EAGAIN, "container %s is still being created", id);
	if (result == 0)
		result = stop_signal(command, record, &signal, err);
	if (result == 0) {
		pidfd = process_open((pid_t)record->init.value, record->init_start.value);
		if (pidfd >= 0)
			result = process_stop(record, pidfd, signal, grace, err);
	}
	/* whom the first process has left behind */
	if (result == 0 && record->cgroups.count > 0)
		result = cgroup_signal(&record->cgroups, SIGKILL, err);
	existing_free(&existing);
	return result;
}

int verb_stop(const struct command *command, struct error *err)
{
	int64_t grace = GRACE;
	int result = duration_option(command, OPTION_time, &grace, err);
	bool failed = result < 0;

	for (int i = 0; !failed && i < command->argc; i++) {
		struct error own = {0};
		int one = stop_one(command, command->argv[i], grace, &own);

		if (one < 0 && result < 0)
			report_error("stop", &own);
		if (one < 0 && result == 0) {
			*err = own;
			result = one;
		}
	}
	return result;
}

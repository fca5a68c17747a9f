/*
 * wait: how containers ended, one line each. All are taken hold of before the first is awaited, so
 * that one that ends meanwhile is not forgotten.
 */
#include <errno.h>
#include <stdio.h>

#include "nsexec/cleanup.h"
#include "runtime/number.h"
#include "runtime/report.h"
#include "runtime/short_id.h"
#include "runtime/verb/verbs.h"
#include "state/ending.h"

struct waiter {
	struct existing existing;
	struct awaited awaited;
};

static int waiter_open(
	struct waiter *waiter, const struct command *command, const char *id, struct error *err)
{
	struct existing *existing = &waiter->existing;
	int result = existing_find(existing, command->value[OPTION_root], id, 0, err);

	if (result == 0 && status_derive(&existing->record) == STATUS_CREATING)
		result = error_set(
			err, ERROR_STATUS, EAGAIN, "container %s is still being created", id);
	if (result == 0)
		awaited_open(&waiter->awaited, &existing->container, &existing->record);
	return result;
}

static int ending_unknown(const char *id, struct error *err)
{
	error_set(err, ERROR_STATUS, ENODATA, "how container %s ended is not known", id);
	error_hint(err, "its parent did not record it; before Linux 6.15 nobody else can");
	return -ENODATA;
}

/* Prints how one ended; returns its code, or -errno with err. */
static int waiter_print(struct waiter *waiter, int64_t deadline, struct error *err)
{
	struct ending ending;
	int result = ending_await(&waiter->awaited, deadline, &ending, err);

	if (result < 0)
		return result;
	if (!ending.known) {
		puts("unknown");
		return ending_unknown(waiter->existing.container.id, err);
	}
	printf("%d\n", ending.code);
	fflush(stdout);
	return ending.code;
}

/* With one container its code is ours; with several, success is that all are known. */
static int waiters_print(
	struct waiter *waiters, const struct command *command, int64_t deadline, struct error *err)
{
	int status = 0, failed = 0;

	for (int i = 0; i < command->argc; i++) {
		struct error own = {0};

		status = waiter_print(&waiters[i], deadline, &own);
		if (status >= 0)
			continue;
		if (failed < 0)
			report_error("wait", &own);
		else
			*err = own;
		failed = status;
	}
	return failed < 0 ? failed : command->argc == 1 ? status : 0;
}

int verb_wait(const struct command *command, struct error *err)
{
	struct waiter *waiters = calloc((size_t)command->argc, sizeof(*waiters));
	int64_t timeout = -1;
	int result = waiters ? duration_option(command, OPTION_timeout, &timeout, err)
			     : error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");

	for (int i = 0; waiters && i < command->argc; i++) {
		waiters[i].existing = EXISTING_NONE;
		waiters[i].awaited = (struct awaited){.init = -1, .monitor = -1};
	}
	for (int i = 0; result == 0 && i < command->argc; i++)
		result = waiter_open(&waiters[i], command, command->argv[i], err);
	if (result == 0)
		result = waiters_print(
			waiters, command, timeout < 0 ? -1 : moment_now() + timeout, err);
	for (int i = 0; waiters && i < command->argc; i++) {
		awaited_close(&waiters[i].awaited);
		existing_free(&waiters[i].existing);
	}
	free(waiters);
	return result;
}

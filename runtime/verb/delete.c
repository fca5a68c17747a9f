/*
 * delete, or rm, removes what create wrote down. A container that was created and never started
 * goes without --force too, as engines expect of a failed start.
 */
#include <errno.h>
#include <poll.h>

#include "nsexec/cleanup.h"
#include "runtime/disposal.h"
#include "runtime/existing.h"
#include "runtime/leftover.h"
#include "runtime/matching.h"
#include "runtime/short_id.h"
#include "runtime/verb/verbs.h"
#include "state/life.h"

#define LOCK_PATIENCE 10000 /* milliseconds: another verb may be at work */
#define DEATH_PATIENCE 2000 /* milliseconds: of one that was killed already */

/* Who was killed a moment ago is waited for: scripts kill and delete in one breath. */
static enum status status_settled(const struct spec_record *record)
{
	enum status status = status_derive(record);
	struct pollfd death = {.fd = -1, .events = POLLIN};

	if ((status != STATUS_RUNNING && status != STATUS_PAUSED) ||
		!process_is_dying((pid_t)record->init.value))
		return status;
	death.fd = process_open((pid_t)record->init.value, record->init_start.value);
	if (death.fd >= 0)
		poll(&death, 1, DEATH_PATIENCE);
	fd_cleanup(&death.fd);
	return status_derive(record);
}

static int delete_check(
	const struct existing *existing, const struct command *command, struct error *err)
{
	bool by_person = command->verb == VERB_rm;
	enum status status;

	if (command->given[OPTION_force])
		return 0;
	status = status_settled(&existing->record);
	if (status == STATUS_STOPPED || status == STATUS_CREATED)
		return 0;
	error_set(err, ERROR_STATUS, EBUSY, "cannot %s container %s that is not stopped: %s",
		by_person ? "remove" : "delete", existing->container.id, status_word(status));
	error_hint(
		err, by_person ? "stop it first, or use --force" : "kill it first, or use --force");
	return -EBUSY;
}

static int delete_damaged(struct existing *existing, bool force, struct error *err)
{
	struct error damage = *err;
	const struct spec *spec;
	int result;

	if (!force) {
		error_hint(err, "--force removes what can be found by the id");
		return -damage.number;
	}
	error_clear(err);
	spec = leftover_spec(existing);
	result = leftover_guess(existing, spec, err);
	return result < 0 ? result
			  : disposal_run(&existing->container, &existing->record, spec, err);
}

static int delete_one(const struct command *command, const char *id, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	bool force = command->given[OPTION_force];
	int result = (command->verb == VERB_rm ? existing_find : existing_enter)(
		&existing, command->value[OPTION_root], id, LOCK_PATIENCE, err);

	if (result < 0 && err->code == ERROR_NOT_FOUND && force)
		result = 0;
	else if (result == -ENODATA && leftover_is_empty(&existing)) {
		error_clear(err);
		result = container_remove(&existing.container, err);
	} else if (result == -ENODATA || result == -EBADMSG)
		result = delete_damaged(&existing, force, err);
	else if (result == 0) {
		result = delete_check(&existing, command, err);
		if (result == 0)
			result = disposal_run(&existing.container, &existing.record,
				leftover_spec(&existing), err);
	}
	existing_free(&existing);
	return result;
}

int verb_delete(const struct command *command, struct error *err)
{
	return matching_each(command, command->argc, delete_one, err);
}

int verb_rm(const struct command *command, struct error *err)
{
	return verb_delete(command, err);
}

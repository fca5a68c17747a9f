/*
 * pause and resume: the same order to the kernel's freezer, with two words. What was asked for is
 * true when they return: the freezer is waited for. A container that waits for start can be paused
 * as well; resumed, it waits again.
 */
#include <errno.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/existing.h"
#include "runtime/verb/verbs.h"
#include "state/journal.h"

#define LOCK_PATIENCE 10000 /* milliseconds */

static int pause_check(enum status status, struct error *err)
{
	if (status == STATUS_RUNNING || status == STATUS_CREATED)
		return 0;
	if (status == STATUS_PAUSED)
		return error_set(err, ERROR_STATUS, EALREADY, "container already paused");
	if (status == STATUS_CREATING)
		return error_set(
			err, ERROR_STATUS, EBUSY, "cannot pause a container that is being created");
	return error_set(err, ERROR_STATUS, ESRCH, "container not running");
}

static int resume_check(enum status status, struct error *err)
{
	return status == STATUS_PAUSED
		? 0
		: error_set(err, ERROR_STATUS, EINVAL, "container not paused");
}

static int freezer_order(const struct command *command, bool frozen, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	struct spec_record *record = &existing.record;
	int result = existing_enter(
		&existing, command->value[OPTION_root], command->argv[0], LOCK_PATIENCE, err);

	if (result == 0)
		result = (frozen ? pause_check : resume_check)(status_derive(record), err);
	if (result == 0)
		result = cgroup_freeze(&record->cgroups, frozen, err);
	if (result == 0) {
		record->status = status_word(frozen ? STATUS_PAUSED : status_derive(record));
		result = record_write(&existing.container, record, err);
	}
	if (result == 0)
		journal_add(
			&existing.container, verb_rows[command->verb].name, (struct spec_event){0});
	existing_free(&existing);
	return result;
}

int verb_pause(const struct command *command, struct error *err)
{
	return freezer_order(command, true, err);
}

int verb_resume(const struct command *command, struct error *err)
{
	return freezer_order(command, false, err);
}

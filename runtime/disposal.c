/*
 * The order is: processes, cgroup, directory, hooks. Mostly the processes have ended by themselves:
 * then nobody is looked for, since a cgroup that can be removed has none. As long as the directory
 * stands the rest can be repeated; a cgroup that will not go keeps the container listed. The hooks
 * run last, with a snapshot, since by the specification they run after the container is deleted.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/disposal.h"
#include "runtime/report.h"
#include "runtime/resctrl.h"
#include "runtime/trace.h"
#include "runtime/unit/manager.h"
#include "state/journal.h"
#include "state/life.h"

#define CGROUP_PATIENCE 5000 /* milliseconds: for those who were killed to leave it */
#define DEATH_PATIENCE \
	10000 /* milliseconds: a process in the middle of the kernel's work dies when that is done \
	       */

/* Kills exactly the recorded process, never a later one with its pid, and what else is in its
 * cgroup. */
static int processes_kill(const struct spec_record *record, int pidfd, struct error *err)
{
	struct pollfd death = {.fd = pidfd, .events = POLLIN};
	int result;

	if (pidfd >= 0)
		sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	result = cgroup_signal(&record->cgroups, SIGKILL, err);
	if (result == 0 && pidfd >= 0 && poll(&death, 1, DEATH_PATIENCE) == 0)
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"the container's first process, %lld, does not die",
			(long long)record->init.value);
	return result;
}

/* A unit that has lost its processes goes by itself: systemd is told, so that it is gone, with its
 * name, when we return. */
static void unit_stop(const struct spec_record *record)
{
	struct manager manager = MANAGER_NONE;
	struct arena arena = {0};
	struct error err = {0};
	int result;

	manager.user = record->unit_user.value;
	result = manager_open(&manager, &arena, &err);
	if (result == 0)
		result = manager_stop(&manager, record->unit, &err);
	if (result < 0)
		report_warning(NULL, err.message);
	manager_close(&manager);
	arena_free(&arena);
}

/*
 * When its maker was killed nobody knows whose the unit is. The process that held its place has
 * ended, too: if nobody is in it, it is ours, or about to go anyway.
 */
static bool unit_is_ours(const struct spec_record *record)
{
	if (!record->unit || record->unit_made.given)
		return record->unit && record->unit_made.value;
	for (uint32_t i = 0; i < record->cgroups.count; i++)
		if (access(record->cgroups.items[i].path, F_OK) == 0)
			return false;
	return record->cgroups.count > 0;
}

static int cgroup_dispose(const struct spec_record *record, struct error *err)
{
	auto_fd int init = record->init.value > 0
		? process_open((pid_t)record->init.value, record->init_start.value)
		: -ESRCH;
	int result;

	if (init < 0 && cgroup_remove(&record->cgroups, 0, err) == 0) {
		if (unit_is_ours(record))
			unit_stop(record);
		return 0;
	}
	error_clear(err);
	result = processes_kill(record, init, err);
	if (result == 0 && record->unit_made.value)
		unit_stop(record);
	if (result == 0)
		result = cgroup_remove(&record->cgroups, CGROUP_PATIENCE, err);
	if (result == 0 && !record->unit_made.given && unit_is_ours(record))
		unit_stop(record);
	return result;
}

int disposal_run(struct container *container, const struct spec_record *record,
	const struct spec *spec, struct error *err)
{
	struct arena arena = {0};
	struct state_document document;
	int result = cgroup_dispose(record, err);

	trace_lap("remove the cgroup");
	if (result == 0)
		result = resctrl_remove(&record->resctrl, err);
	if (result == 0)
		journal_add(container, "delete", (struct spec_event){0});
	if (result == 0)
		result = container_remove(container, err);
	trace_lap("remove the directory");
	if (result == 0 && spec && spec->config.hooks && spec->config.hooks->poststop.count &&
		state_document(record, STATUS_STOPPED, &arena, &document, err) == 0)
		hooks_run_poststop(spec, record->bundle, &document);
	arena_free(&arena);
	return result;
}

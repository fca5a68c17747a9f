/*
 * The order is: processes, cgroup, directory, hooks. As long as the directory stands the rest can
 * be repeated; a cgroup that will not go keeps the container listed. The hooks run last, with a
 * snapshot, since by the specification they run after the container is deleted.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup.h"
#include "runtime/disposal.h"

#define DEATH_PATIENCE \
	10000 /* milliseconds: a process in the middle of the kernel's work dies when that is done \
	       */

/* Kills exactly the recorded process, never a later one with its pid, and what else is in its
 * cgroup. */
static int processes_kill(const struct spec_record *record, struct error *err)
{
	auto_fd int pidfd = record->init.value > 0
		? process_open((pid_t)record->init.value, record->init_start.value)
		: -ESRCH;
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

int disposal_run(struct container *container, const struct spec_record *record,
	const struct spec *spec, struct error *err)
{
	struct arena arena = {0};
	struct state_document document;
	int result = processes_kill(record, err);

	if (result == 0)
		result = cgroup_remove(&record->cgroups, err);
	if (result == 0)
		result = container_remove(container, err);
	if (result == 0 && spec && spec->config.hooks && spec->config.hooks->poststop.count &&
		state_document(record, STATUS_STOPPED, &arena, &document, err) == 0)
		hooks_run_poststop(spec, record->bundle, &document);
	arena_free(&arena);
	return result;
}

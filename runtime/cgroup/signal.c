/*
 * A signal for everybody in a container. A pid read from a list may belong to somebody else by the
 * time it is used, so a process is held by a pidfd first and signalled only if it is still listed
 * then. Processes fork while this goes on: for KILL the kernel does it at once (cgroup.kill, 5.14)
 * or they are frozen meanwhile; other signals are repeated for those who are new.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"
#include "runtime/cgroup/processes.h"

#define BATCH 64   /* processes held at once */
#define ROUNDS 200 /* for those who fork as fast as we signal */

struct held {
	pid_t pid;
	int pidfd;
};

static bool pids_have(const struct cgroup_pids *pids, pid_t pid)
{
	uint32_t low = 0, high = pids->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (pids->items[middle] == pid)
			return true;
		if (pids->items[middle] < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Holds the next processes of the list that were not in the earlier one; *at goes on behind them.
 */
static uint32_t batch_hold(const struct cgroup_pids *pids, const struct cgroup_pids *earlier,
	uint32_t *at, struct held *held)
{
	uint32_t count = 0;

	for (; *at < pids->count && count < BATCH; (*at)++) {
		pid_t pid = pids->items[*at];
		int pidfd = pids_have(earlier, pid) ? -1 : sys_pidfd_open(pid, 0);

		if (pidfd >= 0)
			held[count++] = (struct held){pid, pidfd};
	}
	return count;
}

/* Signals those of the held ones that are still listed. All are let go. */
static int batch_signal(const char *directory, struct arena *arena, const struct held *held,
	uint32_t count, int signal)
{
	struct cgroup_pids now = {.arena = arena};
	int r = cgroup_pids_read(&now, directory);

	for (uint32_t i = 0; i < count; i++) {
		if (r == 0 && pids_have(&now, held[i].pid) &&
			sys_pidfd_send_signal(held[i].pidfd, signal, 0) < 0 && errno != ESRCH)
			r = -errno;
		close(held[i].pidfd);
	}
	return r;
}

/* Until a round finds nobody new. -EAGAIN: there is always somebody new. */
static int signal_each(const char *directory, struct arena *arena, int signal)
{
	struct cgroup_pids earlier = {.arena = arena};

	for (int round = 0; round < ROUNDS; round++) {
		struct cgroup_pids pids = {.arena = arena};
		struct held held[BATCH];
		uint32_t at = 0, fresh = 0, count;
		int r = cgroup_pids_read(&pids, directory);

		while (r == 0 && (count = batch_hold(&pids, &earlier, &at, held)) > 0) {
			r = batch_signal(directory, arena, held, count, signal);
			fresh += count;
		}
		if (r < 0 || fresh == 0)
			return r;
		earlier = pids;
	}
	return -EAGAIN;
}

/* True when the kernel has killed one of our directories as a whole. */
static bool kill_whole(const struct spec_cgroup_directory_list *directories)
{
	bool killed = false;

	for (uint32_t i = 0; i < directories->count; i++) {
		const struct spec_cgroup_directory *directory = &directories->items[i];

		killed |= directory->made.given &&
			cgroup_file_write(directory->path, "cgroup.kill", "1") == 0;
	}
	return killed;
}

static int signal_directory(const struct spec_cgroup_directory_list *directories,
	const char *directory, struct arena *arena, int signal)
{
	struct cgroup_pids pids = {.arena = arena};
	struct error ignored = {0};
	int r = cgroup_pids_read(&pids, directory);

	if (r < 0 || pids.count == 0 || signal != SIGKILL)
		return r < 0 || pids.count == 0 ? r : signal_each(directory, arena, signal);
	/* Without a freezer the rounds alone have to win. */
	if (!kill_whole(directories))
		cgroup_freeze(directories, true, &ignored);
	r = signal_each(directory, arena, SIGKILL);
	/* What is frozen, by us or before, dies only when it is thawed. */
	error_clear(&ignored);
	cgroup_freeze(directories, false, &ignored);
	return r;
}

int cgroup_signal(
	const struct spec_cgroup_directory_list *directories, int signal, struct error *err)
{
	const char *directory = cgroup_own_directory(directories);
	struct arena arena = {0};
	int r = directory ? signal_directory(directories, directory, &arena, signal) : 0;

	arena_free(&arena);
	if (r == -EAGAIN)
		return error_set(err, ERROR_TIMEOUT, EAGAIN,
			"the processes of %s fork faster than they can be signalled", directory);
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot signal the processes of %s: %s",
			directory, strerror(-r));
	return 0;
}

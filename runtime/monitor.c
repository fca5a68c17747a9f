/*
 * A detached container needs somebody who empties its pipes and learns how it ended, and nothing
 * more: so the monitor keeps four descriptors, one buffer and no connection to whoever started it.
 * It waits in poll and keeps no memory until the container has ended. Whatever it cannot write is
 * lost and counted, because a log must never stop a container, unless somebody prefers that.
 */
#include "runtime/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/accounting.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/oom.h"
#include "runtime/disposal.h"
#include "state/ending.h"
#include "state/journal.h"
#include "state/life.h"
#include "state/log.h"
#include "state/timestamp.h"

#define LOCK_WAIT 10000        /* ms, for the classic status at the end */
#define FULL_INTERVAL 200      /* ms between tries to write to a full disk */
#define LEFTOVER_INTERVAL 1000 /* ms between looks at what the first process left behind */
#define TAIL_MAX (4u << 20)    /* bytes of one pipe that are read at the end; a pipe holds 1 MiB */
#define OOM_PATIENCE 1000      /* ms between a shortage of memory and the death that it means */

#define BALLAST_FILE ".ballast"
#define BALLAST_SIZE 16384 /* bytes; exit.json and the record are smaller */

struct monitor {
	struct container *container;
	const struct monitor_options *options;
	int pidfd;
	int pipes[2]; /* stdout, stderr; -1 after their end */
	struct log_writer log;
	struct timespec started, finished;
	struct oom_watch oom;
	uint64_t shortages; /* of memory, told to the journal */
	int64_t shortage;   /* the last one, in CLOCK_MONOTONIC's milliseconds */
	bool known;         /* how it ended: */
	int status;         /* as wait(2) reports it */
};

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes every descriptor but the standard ones and these, of which some may be -1: a pipe that
 * ended before a second monitor came. */
static void descriptors_close_but(int *kept, size_t count)
{
	unsigned int next = STDERR_FILENO + 1;

	qsort(kept, count, sizeof(*kept), compare_numbers);
	for (size_t i = 0; i < count; i++) {
		unsigned int own = (unsigned int)kept[i];

		if (kept[i] < 0)
			continue;
		if (own > next)
			sys_close_range(next, own - 1, 0);
		next = own + 1;
	}
	sys_close_range(next, ~0U, 0);
}

/* Leaves the caller: session, terminal, working directory, signals, descriptors, memory. */
static void monitor_detach(struct monitor *monitor)
{
	struct container *container = monitor->container;
	int null = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;
	int directory;

	setsid();
	if (chdir("/") < 0)
		_exit(EXIT_FAILURE);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN},
		NULL); /* counts as a full disk */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	/* Opened anew: the lock of the old descriptor is shared with the caller for as long as we
	 * hold it. */
	directory = openat(container->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	container->dir = directory;
	container->root = -1;
	descriptors_close_but(
		(int[]){directory, monitor->pidfd, monitor->pipes[0], monitor->pipes[1]}, 4);
	arena_trim();
#ifdef __GLIBC__
	malloc_trim(0); /* musl has given it back already */
#endif
}

/* Room on the disk that is given back for the last words: the log may have filled everything else.
 */
static void ballast_take(const struct container *container)
{
	auto_fd int fd = openat(
		container->dir, BALLAST_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0 && fallocate(fd, 0, 0, BALLAST_SIZE) < 0)
		unlinkat(container->dir, BALLAST_FILE, 0);
}

static void ballast_drop(const struct container *container)
{
	unlinkat(container->dir, BALLAST_FILE, 0);
}

/* Writes one piece; on a full disk it waits for room when that was asked for, not longer than the
 * process lives. */
static void piece_keep(
	struct monitor *monitor, enum log_stream stream, const char *bytes, size_t length)
{
	struct pollfd end = {.fd = monitor->pidfd, .events = POLLIN};
	size_t kept = log_append(&monitor->log, stream, bytes, length);

	while (kept < length && monitor->options->block && poll(&end, 1, FULL_INTERVAL) == 0)
		kept += log_append(&monitor->log, stream, bytes + kept, length - kept);
	monitor->log.lost += length - kept;
}

/* Moves what one pipe has now, once. Returns the bytes moved; 0 when there is nothing or it has
 * ended. */
static size_t pipe_move(struct monitor *monitor, int which)
{
	static char buffer[65536];
	ssize_t got = read(monitor->pipes[which], buffer, sizeof(buffer));

	if (got > 0) {
		piece_keep(monitor, which == 0 ? LOG_STDOUT : LOG_STDERR, buffer, (size_t)got);
		return (size_t)got;
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(monitor->pipes[which]);
		monitor->pipes[which] = -1;
	}
	return 0;
}

/* Shortages of memory, when they happen: each is an event. */
static void shortages_tell(struct monitor *monitor)
{
	for (uint64_t count = oom_watch_count(&monitor->oom); count > 0; count--) {
		journal_add(monitor->container, "oom", (struct spec_event){0});
		monitor->shortages++;
		monitor->shortage = moment_now();
		arena_trim();
	}
}

/* Watching is begun where memory is counted; elsewhere nothing comes of it. */
static void shortages_watch(struct monitor *monitor)
{
	struct spec_record record = {0};
	struct arena arena = {0};
	struct error err = {0};

	monitor->oom.fd = -1;
	if (record_read(monitor->container, &arena, &record, &err) == 0)
		oom_watch_begin(&monitor->oom, &record.cgroups, &err);
	arena_free(&arena);
	arena_trim();
}

/* Collects output until the process ends. */
static void monitor_collect(struct monitor *monitor)
{
	for (;;) {
		struct pollfd polled[] = {
			{.fd = monitor->pipes[0], .events = POLLIN},
			{.fd = monitor->pipes[1], .events = POLLIN},
			{.fd = monitor->pidfd, .events = POLLIN},
			{.fd = monitor->oom.fd, .events = monitor->oom.events},
		};

		if (poll(polled, array_size(polled), -1) < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (polled[i].revents != 0)
				pipe_move(monitor, i);
		if (polled[3].revents != 0)
			shortages_tell(monitor);
		if (polled[2].revents != 0)
			return;
	}
}

/* What the pipes held when the process ended; bounded, since its descendants may go on writing. */
static void monitor_drain(struct monitor *monitor)
{
	for (int i = 0; i < 2; i++) {
		size_t moved = 1;

		for (size_t sum = 0; monitor->pipes[i] >= 0 && moved > 0 && sum < TAIL_MAX;
			sum += moved)
			moved = pipe_move(monitor, i);
	}
}

static void end_describe(const struct monitor *monitor, struct spec_exit_record *record)
{
	bool signaled = WIFSIGNALED(monitor->status);

	if (!monitor->known)
		return;
	record->exit_code.given = true;
	record->exit_code.value =
		signaled ? 128 + WTERMSIG(monitor->status) : WEXITSTATUS(monitor->status);
	record->signal.given = signaled;
	record->signal.value = signaled ? WTERMSIG(monitor->status) : 0;
	record->core_dumped.given = true;
	record->core_dumped.value = signaled && WCOREDUMP(monitor->status);
}

/*
 * The kernel counts whom it kills for want of memory, and not which of them. If the last time was
 * long before the end, it was another process of the container.
 */
static void oom_describe(const struct monitor *monitor, const struct maybe_uint *kills, int64_t end,
	struct spec_exit_record *record)
{
	bool late = monitor->shortages > 0 && end - monitor->shortage > OOM_PATIENCE;

	record->oom_kills = *kills;
	record->oom_killed.given = kills->given;
	record->oom_killed.value = kills->value > 0 && !late && monitor->known &&
		WIFSIGNALED(monitor->status) && WTERMSIG(monitor->status) == SIGKILL;
}

/* exit.json, for `wait` and for people. */
static void monitor_write_exit(
	struct monitor *monitor, const struct spec_record *record, int64_t end)
{
	struct accounting accounting = accounting_read(&record->cgroups);
	struct spec_exit_record exit_record = {.schema = EXIT_SCHEMA};
	char started[TIMESTAMP_SIZE], finished[TIMESTAMP_SIZE];
	struct error err = {0};

	timestamp_rfc3339(&monitor->started, started);
	timestamp_rfc3339(&monitor->finished, finished);
	end_describe(monitor, &exit_record);
	oom_describe(monitor, &accounting.oom_kills, end, &exit_record);
	exit_record.started = started;
	exit_record.finished = finished;
	exit_record.peak_memory = accounting.peak_memory;
	exit_record.cpu_usec = accounting.cpu_usec;
	exit_record.log_lost.given = monitor->log.lost > 0;
	exit_record.log_lost.value = monitor->log.lost;
	exit_record_write(monitor->container, &exit_record, &err); /* nobody is there to be told */
	if (accounting.oom_kills.value > 0 && monitor->shortages == 0)
		journal_add(monitor->container, "oom", (struct spec_event){0});
	journal_add(monitor->container, "exit",
		(struct spec_event){
			.exit_code = exit_record.exit_code, .signal = exit_record.signal});
}

/* The record's classic members, for scripts that read nothing else. Read anew under the lock: it
 * may have changed meanwhile. */
static void monitor_write_status(struct container *container)
{
	struct spec_record record;
	struct arena arena = {0};
	struct error err = {0};

	if (container_lock(container, LOCK_WAIT, &err) == 0 &&
		record_read(container, &arena, &record, &err) == 0) {
		record.status = "exited";
		record.pid = " ";
		record_write(container, &record, &err);
	}
	arena_free(&arena);
}

/* Whether processes of the container live on after its first one. */
static bool leftovers_live(const struct spec_record *record)
{
	struct arena arena = {0};
	struct error err = {0};
	uint32_t count = 0;
	pid_t *pids;
	int result = cgroup_processes(&record->cgroups, &arena, &pids, &count, &err);

	arena_free(&arena);
	return result == 0 && count > 0;
}

/* Goes on collecting from descendants that outlived the first process (possible without a pid
 * namespace of its own). */
static void monitor_collect_leftovers(struct monitor *monitor, const struct spec_record *record)
{
	while (monitor->pipes[0] >= 0 || monitor->pipes[1] >= 0) {
		struct pollfd polled[] = {
			{.fd = monitor->pipes[0], .events = POLLIN},
			{.fd = monitor->pipes[1], .events = POLLIN},
		};
		int ready = poll(polled, array_size(polled), LEFTOVER_INTERVAL);

		for (int i = 0; i < 2; i++)
			if (ready > 0 && polled[i].revents != 0)
				pipe_move(monitor, i);
		if (ready == 0 && !leftovers_live(record))
			break;
	}
}

/* The container goes, as `rm` would remove it; what stays can be removed later. */
static void monitor_remove(const struct monitor *monitor)
{
	struct container container = CONTAINER_NONE;
	struct spec_record record;
	struct spec spec = {0};
	struct error err = {0};

	close(monitor->container->dir); /* and with it our own lock */
	if (container_enter(&container, monitor->options->root, monitor->container->id, &err) ==
			0 &&
		container_lock(&container, LOCK_WAIT, &err) == 0 &&
		record_read(&container, &spec.arena, &record, &err) == 0 &&
		spec_read(&spec, container.dir, BUNDLE_FILE, &err) == 0)
		disposal_run(&container, &record, &spec, &err);
}

void monitor_live(struct container *container, pid_t pid, int pidfd,
	const struct monitor_pipes *pipes, const struct monitor_options *options)
{
	struct monitor monitor = {.container = container,
		.options = options,
		.pidfd = pidfd,
		.pipes = {pipes->out, pipes->err}};
	struct spec_record record = {0};
	struct arena arena = {0};
	struct error err = {0};
	uint64_t start = 0;
	int64_t end;

	if (options->started.tv_sec != 0)
		monitor.started = options->started;
	else
		clock_gettime(CLOCK_REALTIME, &monitor.started);
	process_start_time(pid, &start);
	monitor_detach(&monitor);
	for (int i = 0; i < 2; i++)
		fcntl(monitor.pipes[i], F_SETFL, O_NONBLOCK);
	ballast_take(container);
	log_open(container, &monitor.log);
	monitor.log.size = options->log_size;
	monitor.log.files = options->log_files;
	shortages_watch(&monitor);
	monitor_collect(&monitor);

	end = moment_now();
	monitor.known = waitpid(pid, &monitor.status, __WALL) == pid ||
		ending_ask(pid, start, pidfd, &monitor.status);
	clock_gettime(CLOCK_REALTIME, &monitor.finished);
	shortages_tell(&monitor);
	monitor_drain(&monitor);
	record_read(container, &arena, &record, &err); /* a damaged one names no cgroups */
	ballast_drop(container);
	monitor_write_exit(&monitor, &record, end);
	monitor_write_status(container);
	monitor_collect_leftovers(&monitor, &record);
	if (options->remove && options->root != NULL)
		monitor_remove(&monitor);
	_exit(EXIT_SUCCESS);
}

/* Monitors of real processes: what they keep, what they tell, what they hold, and when they end. */
#include "runtime/monitor.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include "nsexec/syscalls.h"
#include "state/log.h"
#include "tests/unit/state_place.h"

/* A monitor whose container is one shell. It shares the container's lock, as in `run -d`. */
static pid_t monitor_start(struct container *container, const char *script)
{
	int out[2], error[2];
	pid_t monitor, pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(error, O_CLOEXEC) < 0)
		exit(EXIT_FAILURE);
	monitor = fork();
	if (monitor == 0) {
		pid = fork();
		if (pid == 0) {
			dup2(out[1], 1);
			dup2(error[1], 2);
			execl("/bin/sh", "sh", "-c", script, NULL);
			_exit(127);
		}
		close(out[1]);
		close(error[1]);
		monitor_live(container, pid, sys_pidfd_open(pid, 0),
			&(struct monitor_pipes){out[0], error[0]},
			&(struct monitor_options){.log_files = 1});
	}
	for (int i = 0; i < 2; i++) {
		close(out[i]);
		close(error[i]);
	}
	return monitor;
}

/* A container with a record, locked. */
static struct container container_begin(const char *id)
{
	struct container container = CONTAINER_NONE;
	struct spec_record record = {
		.id = id, .schema = RECORD_SCHEMA, .pid = "1", .status = "running"};
	struct error err = {0};

	if (container_reserve(&container, place, id, &err) < 0 ||
		record_write(&container, &record, &err) < 0)
		printf("# %s\n", err.message);
	return container;
}

/* Its strings are not looked at. */
static struct spec_exit_record end_of(const struct container *container)
{
	struct spec_exit_record end = {0};
	struct arena arena = {0};
	struct error err = {0};

	is_number(exit_record_read(container, &arena, &end, &err), 0, "exit.json is written");
	arena_free(&arena);
	return end;
}

static void monitor_wait(pid_t monitor)
{
	int status;

	waitpid(monitor, &status, 0);
	is_number(status, 0, "the monitor ends");
}

static void test_output(void)
{
	struct container container = container_begin("output");
	pid_t monitor = monitor_start(&container, "echo out; echo error >&2; printf tail; exit 3");
	struct spec_exit_record end;

	container_leave(&container);
	monitor_wait(monitor);
	container = place_container("output");
	end = end_of(&container);
	ok(end.exit_code.value == 3 && !end.signal.given, "with the program's status");
	ok(place_shell("grep -q out output/container.log && grep -q error output/container.log &&"
		       "grep -q tail output/container.log"),
		"both streams are in the log");
	ok(place_shell("jq -e '.status == \"exited\" and .pid == \" \"' output/config.json "
		       ">/dev/null"),
		"the classic record says that it has exited");
	ok(place_shell("jq -e '.startedAt <= .finishedAt' output/exit.json >/dev/null"),
		"its times are in order");
	container_leave(&container);
}

static void test_signal(void)
{
	struct container container = container_begin("signal");
	pid_t monitor = monitor_start(&container, "kill -9 $$");
	struct spec_exit_record end;

	container_leave(&container);
	monitor_wait(monitor);
	container = place_container("signal");
	end = end_of(&container);
	ok(end.exit_code.value == 137 && end.signal.value == 9, "with the signal that ended it");
	container_leave(&container);
}

/* Whether the pieces of one stream, put together, are the file. */
static bool stream_is(const struct container *container, enum log_stream stream, const char *name)
{
	static char piece[65536], want[65536];
	FILE *index = fdopen(openat(container->dir, LOG_INDEX_FILE, O_RDONLY), "r");
	int log = openat(container->dir, LOG_FILE, O_RDONLY);
	struct log_entry entry;
	char path[PATH_MAX];
	bool same = true;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	file = fopen(path, "r");
	while (fread(&entry, sizeof(entry), 1, index) == 1) {
		if (entry.stream != stream)
			continue;
		same = same && entry.length <= sizeof(piece) &&
			pread(log, piece, entry.length, (off_t)entry.offset) == entry.length &&
			fread(want, 1, entry.length, file) == entry.length &&
			memcmp(piece, want, entry.length) == 0;
	}
	same = same && fgetc(file) == EOF;
	fclose(file);
	fclose(index);
	close(log);
	return same;
}

static void test_bytes(void)
{
	struct container container = container_begin("bytes");
	pid_t monitor;

	place_shell("head -c 3000000 /dev/urandom > a; head -c 2000000 /dev/urandom > b");
	monitor = monitor_start(&container, "cd $PLACE; cat a & cat b >&2; wait");
	monitor_wait(monitor);
	ok(place_shell("test $(stat -c %%s bytes/container.log) = 5000000"),
		"every byte of both streams arrives");
	ok(stream_is(&container, LOG_STDOUT, "a"), "the index tells what stdout was");
	ok(stream_is(&container, LOG_STDERR, "b"), "and what stderr was");
	container_leave(&container);
}

/* What the monitor keeps while it waits. */
static void test_burden(void)
{
	struct container container = container_begin("burden"), other = CONTAINER_NONE;
	int inherited = open("/dev/zero", O_RDONLY);
	struct error err = {0};
	pid_t monitor = monitor_start(&container, "read x < $PLACE/burden.fifo");
	char proc[32];

	container_leave(&container);
	close(inherited);
	for (int i = 0; i < 1000 && !place_shell("test -e burden/container.log.idx"); i++)
		poll(NULL, 0, 5);
	snprintf(proc, sizeof(proc), "/proc/%d", monitor);
	is_number(getsid(monitor), monitor, "the monitor has a session of its own");
	container_enter(&other, place, "burden", &err);
	is_number(container_lock(&other, 1000, &err), 0, "it keeps no lock");
	container_leave(&other);
	ok(place_shell("test $(ls %s/fd | wc -l) = 9", proc), "it holds nine descriptors");
	ok(place_shell("test $(readlink %s/fd/0) = /dev/null", proc), "no terminal");
	ok(place_shell("test $(readlink %s/cwd) = /", proc), "and no directory of its caller's");
#ifdef __SANITIZE_ADDRESS__
	skip("its memory", "the sanitizer has more than the monitor");
#else
	ok(place_shell("awk '/^Anonymous/ {exit $2 > 300}' %s/smaps_rollup", proc),
		"at most 300 KiB are its own");
#endif
	place_shell("echo > burden.fifo");
	monitor_wait(monitor);
}

static void test_full_disk(void)
{
	struct container container = container_begin("full");
	struct spec_exit_record end;
	struct error err = {0};
	struct stat log;
	pid_t monitor;

	container_leave(&container);
	if (geteuid() != 0 || !place_shell("mount -t tmpfs -o size=128k none full")) {
		skip("a full disk", "needs root");
		return;
	}
	container_enter(&container, place, "full", &err);
	monitor = monitor_start(&container, "head -c 1000000 /dev/zero; exit 5");
	monitor_wait(monitor);
	end = end_of(&container);
	is_number(end.exit_code.value, 5, "a full disk does not stop the program");
	fstatat(container.dir, LOG_FILE, &log, 0);
	ok(end.log_lost.value > 800000, "what is lost is counted");
	is_number(end.log_lost.value + (uint64_t)log.st_size, 1000000, "to the last byte");
	container_leave(&container);
	place_shell("umount full");
}

/* A descendant keeps the pipe open, but no process of the container is known any more. */
static void test_leftover(void)
{
	struct container container = container_begin("leftover");
	struct spec_exit_record end;
	pid_t monitor;

	alarm(30);
	monitor = monitor_start(&container, "read x < $PLACE/leftover.fifo & exit 4");
	container_leave(&container);
	monitor_wait(monitor);
	alarm(0);
	container = place_container("leftover");
	end = end_of(&container);
	is_number(end.exit_code.value, 4, "although a descendant still holds the pipe");
	place_shell("echo > leftover.fifo");
	container_leave(&container);
}

/* The container was deleted while the monitor was still at work. */
static void test_deleted(void)
{
	struct container container = container_begin("deleted");
	struct error err = {0};
	pid_t monitor;

	alarm(30);
	monitor = monitor_start(&container, "read x < $PLACE/deleted.fifo; echo text");
	is_number(container_remove(&container, &err), 0, "a container is removed meanwhile");
	container_leave(&container);
	place_shell("echo > deleted.fifo");
	monitor_wait(monitor);
	alarm(0);
	ok(place_shell("test ! -e deleted"), "and does not bring the container back");
}

int main(void)
{
	place_make();
	setenv("PLACE", place, 1);
	/* One each: a reader of one test must never take what another test writes for its own. */
	place_shell("mkfifo burden.fifo leftover.fifo deleted.fifo");
	test_output();
	test_signal();
	test_bytes();
	test_burden();
	test_full_disk();
	test_leftover();
	test_deleted();
	place_remove();
	return tap_end();
}

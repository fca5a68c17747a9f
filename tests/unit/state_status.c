/* Status, asked of real processes: alive, dead, unreaped, replaced, frozen. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "nsexec/syscalls.h"
#include "state/life.h"
#include "state/status.h"
#include "tests/unit/state_place.h"

/* A child that waits until it is killed. */
static pid_t sleeper_start(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void sleeper_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Waits until the process is dead without reaping it. */
static void death_wait(pid_t pid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
}

static void test_start_time(void)
{
	uint64_t own = 0, other = 0;
	pid_t pid = sleeper_start();
	int pidfd;

	is_number(process_start_time(getpid(), &own), 0, "a living process has a start time");
	is_number(process_start_time(pid, &other), 0, "so has its child");
	ok(other >= own && own > 0, "a child is not older");
	pidfd = process_open(pid, other);
	ok(pidfd >= 0, "the process is opened by pid and start time");
	ok(fcntl(pidfd, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	close(pidfd);
	is_number(process_open(pid, other + 1), -ESRCH, "not with another start time");
	kill(pid, SIGKILL);
	death_wait(pid);
	is_number(process_start_time(pid, &own), -ESRCH, "a zombie is dead");
	is_number(process_open(pid, other), -ESRCH, "and not opened");
	waitpid(pid, NULL, 0);
	is_number(process_start_time(pid, &own), -ESRCH, "a reaped process is dead");
	is_number(process_start_time(0, &own), -ESRCH, "0 is no process");
	is_number(process_start_time(-1, &own), -ESRCH, "nor is -1");
	is_number(process_open(0, 0), -ESRCH, "0 is not opened");
}

static int named_strangely(void *context)
{
	uint64_t start = 0;
	FILE *file = fopen("/proc/self/comm", "w");

	fputs("x) Z 1 2 3 (", file);
	fclose(file);
	return process_start_time(getpid(), &start) == 0 && start == *(uint64_t *)context ? 0 : 1;
}

static void test_strange_name(void)
{
	uint64_t start;
	pid_t pid;
	int status;

	pid = fork();
	if (pid == 0) {
		process_start_time(getpid(), &start);
		_exit(named_strangely(&start));
	}
	waitpid(pid, &status, 0);
	is_number(WEXITSTATUS(status), 0, "a name that looks like fields is only a name");
}

static void *thread_wait(void *context)
{
	for (;;)
		pause();
	return NULL;
}

/* A process whose first thread has ended: a zombie to look at, but alive. */
static void test_threads(void)
{
	uint64_t start;
	pthread_t thread;
	pid_t pid = fork();
	char path[64], text[512];
	bool ended = false;

	if (pid == 0) {
		pthread_create(&thread, NULL, thread_wait, NULL);
		syscall(SYS_exit, 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 100000 && !ended; i++) {
		FILE *file = fopen(path, "r");

		ended = fgets(text, sizeof(text), file) != NULL && strstr(text, ") Z ") != NULL;
		fclose(file);
	}
	ok(ended, "the first thread looks like a zombie");
	is_number(process_start_time(pid, &start), 0, "the process lives while a thread does");
	sleeper_end(pid);
}

static struct spec_record record_of(pid_t pid)
{
	struct spec_record record = {.init = {true, pid}, .init_start = {.given = true}};

	process_start_time(pid, &record.init_start.value);
	return record;
}

static void test_alive(void)
{
	pid_t pid = sleeper_start();
	struct spec_record record = record_of(pid);

	is_string(status_word(status_derive(&record)), "running", "a living init runs");
	record.status = "stopped";
	is_string(status_word(status_derive(&record)), "running", "whatever the record's word is");
	record.init_start.value--;
	is_string(status_word(status_derive(&record)), "stopped",
		"with another start time it is somebody else");
	record.init_start.value++;
	kill(pid, SIGKILL);
	death_wait(pid);
	is_string(status_word(status_derive(&record)), "stopped", "a zombie is stopped");
	waitpid(pid, NULL, 0);
	is_string(status_word(status_derive(&record)), "stopped", "so is what has been reaped");
}

static void test_creating(void)
{
	pid_t pid = sleeper_start();
	struct spec_record record = {.creator = {true, pid}};

	process_start_time(pid, &record.creator_start.value);
	is_string(status_word(status_derive(&record)), "creating",
		"no init yet, and a living creator");
	record.creator_start.value++;
	is_string(status_word(status_derive(&record)), "stopped",
		"another process is not the creator");
	record.creator_start.value--;
	sleeper_end(pid);
	is_string(
		status_word(status_derive(&record)), "stopped", "a dead creator leaves a leftover");
	record = (struct spec_record){0};
	is_string(status_word(status_derive(&record)), "stopped", "an empty record is a leftover");
}

static void test_gate(void)
{
	pid_t pid = sleeper_start();
	struct spec_record record = record_of(pid);
	struct stat own;

	stat("/proc/self/exe", &own);
	record.gate = (struct maybe_uint){true, own.st_ino};
	is_string(status_word(status_derive(&record)), "created",
		"init that still runs the gate's image waits");
	record.creator = (struct maybe_int){true, getpid()};
	process_start_time(getpid(), &record.creator_start.value);
	is_string(status_word(status_derive(&record)), "creating",
		"as long as its creator works, it is not ready");
	record.gate.value++;
	is_string(status_word(status_derive(&record)), "running", "another image is the program's");
	record.gate = (struct maybe_uint){0};
	is_string(status_word(status_derive(&record)), "creating",
		"nor is one ready that is being restored, without a gate");
	record.creator = (struct maybe_int){0};
	is_string(status_word(status_derive(&record)), "running", "until that is done");
	sleeper_end(pid);
}

/* A copy of a program that waits, in fd; then a process that runs it. */
static void program_copy(int fd)
{
	int source = open("/bin/sleep", O_RDONLY | O_CLOEXEC);
	char buffer[65536];
	ssize_t got;

	while ((got = read(source, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)got) != got)
			exit(EXIT_FAILURE);
	close(source);
}

static pid_t program_start(int fd)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		exit(EXIT_FAILURE);
	pid = fork();
	if (pid == 0) {
		syscall(SYS_execveat, fd, "", (char *[]){"sleep", "1000", NULL}, environ,
			AT_EMPTY_PATH);
		_exit(127);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 0) /* the end: closed by the exec */
		exit(EXIT_FAILURE);
	close(ends[0]);
	return pid;
}

/* Both run an image whose inode number is the gate's; only a memfd, which has no link, is a gate.
 */
static void test_gate_memfd(void)
{
	int memory = (int)syscall(SYS_memfd_create, "gate", 1u /* MFD_CLOEXEC */);
	int file, writable;
	char path[PATH_MAX];
	struct spec_record record;
	struct stat image;
	pid_t pid;

	program_copy(memory);
	fstat(memory, &image);
	pid = program_start(memory);
	record = record_of(pid);
	record.gate = (struct maybe_uint){true, image.st_ino};
	is_string(status_word(status_derive(&record)), "created", "a gate's memfd is recognised");
	sleeper_end(pid);
	close(memory);

	snprintf(path, sizeof(path), "%s/program", place);
	writable = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	program_copy(writable);
	close(writable);
	file = open(path, O_RDONLY | O_CLOEXEC);
	fstat(file, &image);
	pid = program_start(file);
	record = record_of(pid);
	record.gate = (struct maybe_uint){true, image.st_ino};
	is_string(status_word(status_derive(&record)), "running",
		"a program whose file has the same number is not the gate");
	sleeper_end(pid);
	close(file);
}

static void freezer_say(const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/freezer", place);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

static void test_freezer(void)
{
	char path[PATH_MAX];
	pid_t pid = sleeper_start();
	struct spec_record record = record_of(pid);

	snprintf(path, sizeof(path), "%s/freezer", place);
	record.freezer = path;
	is_string(status_word(status_derive(&record)), "running", "without a freezer file it runs");
	freezer_say("FROZEN\n");
	is_string(status_word(status_derive(&record)), "paused", "version 1 says FROZEN");
	freezer_say("THAWED\n");
	is_string(status_word(status_derive(&record)), "running", "version 1 says THAWED");
	freezer_say("populated 1\nfrozen 1\n");
	is_string(status_word(status_derive(&record)), "paused", "version 2 says frozen 1");
	freezer_say("populated 1\nfrozen 0\n");
	is_string(status_word(status_derive(&record)), "running", "version 2 says frozen 0");
	freezer_say("FROZEN\n");
	sleeper_end(pid);
	is_string(status_word(status_derive(&record)), "stopped", "the dead are not paused");
}

/* A real frozen process, where there is a version 1 freezer. */
static void test_real_freezer(void)
{
	char directory[64], state[96];
	pid_t pid = sleeper_start();
	struct spec_record record = record_of(pid);

	snprintf(directory, sizeof(directory), "/sys/fs/cgroup/freezer/mydocker-test-%d", pid);
	snprintf(state, sizeof(state), "%s/freezer.state", directory);
	record.freezer = state;
	if (!place_shell("mkdir %s 2>/dev/null && echo %d > %s/tasks && echo FROZEN > %s",
		    directory, pid, directory, state)) {
		skip("a frozen process", "no version 1 freezer");
	} else {
		for (int i = 0; i < 1000 && status_derive(&record) != STATUS_PAUSED; i++)
			poll(NULL, 0, 1);
		is_string(status_word(status_derive(&record)), "paused",
			"a process that the kernel has frozen is paused");
		place_shell("echo THAWED > %s", state);
	}
	sleeper_end(pid);
	for (int i = 0; i < 1000 && rmdir(directory) < 0 && errno == EBUSY; i++)
		poll(NULL, 0, 1);
}

int main(void)
{
	place_make();
	test_start_time();
	test_strange_name();
	test_threads();
	test_alive();
	test_creating();
	test_gate();
	test_gate_memfd();
	test_freezer();
	test_real_freezer();
	place_remove();
	return tap_end();
}

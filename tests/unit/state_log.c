/* The log: what is written arrives, whole, also for a reader who was there first. */
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include "nsexec/syscalls.h"
#include "state/log.h"
#include "tests/unit/state_place.h"

static void test_append(void)
{
	struct container container = place_container("plain");
	struct log_writer writer;
	struct log_entry entries[3];
	int fd;

	log_open(&container, &writer);
	log_append(&writer, LOG_STDOUT, "out\n", 4);
	log_append(&writer, LOG_STDERR, "error\n", 6);
	ok(place_shell("printf 'out\\nerror\\n' | cmp -s - plain/container.log"),
		"the log holds the bytes and nothing else");
	fd = openat(container.dir, LOG_INDEX_FILE, O_RDONLY | O_CLOEXEC);
	is_number(read(fd, entries, sizeof(entries)), 2 * sizeof(*entries),
		"the index has an entry for each piece");
	ok(entries[0].offset == 0 && entries[0].length == 4 && entries[0].stream == LOG_STDOUT,
		"the first");
	ok(entries[1].offset == 4 && entries[1].length == 6 && entries[1].stream == LOG_STDERR,
		"the second");
	ok(entries[1].time >= entries[0].time && entries[0].time / 1000000000 > 1700000000,
		"with their times");
	close(writer.log);
	close(writer.index);

	place_shell("truncate -s 30 plain/container.log.idx"); /* the last entry was cut by a full
								  disk */
	log_open(&container, &writer);
	log_append(&writer, LOG_STDOUT, "more\n", 5);
	is_number(pread(fd, entries, sizeof(entries), 0), 2 * sizeof(*entries),
		"an incomplete entry is overwritten");
	ok(entries[1].offset == 10 && entries[1].length == 5, "by the next one");
	close(fd);
	close(writer.log);
	close(writer.index);
	container_leave(&container);
}

static void test_full(void)
{
	struct container container = place_container("full");
	static char block[65536];
	struct log_writer writer;
	struct stat file;
	struct error err = {0};
	uint64_t given = 0;

	container_leave(&container);
	if (geteuid() != 0 || !place_shell("mount -t tmpfs -o size=256k none full")) {
		skip("a full disk", "needs root");
		return;
	}
	container_enter(&container, place, "full", &err);
	log_open(&container, &writer);
	for (int i = 0; i < 8; i++) {
		writer.lost +=
			sizeof(block) - log_append(&writer, LOG_STDOUT, block, sizeof(block));
		given += sizeof(block);
	}
	fstat(writer.log, &file);
	ok(writer.lost > 0 && (uint64_t)file.st_size + writer.lost == given,
		"what a full disk does not take is counted");
	place_shell("truncate -s 0 full/container.log");
	log_append(&writer, LOG_STDOUT, "again\n", 6);
	ok(place_shell("grep -q again full/container.log"), "and when there is room it goes on");
	close(writer.log);
	close(writer.index);
	container_leave(&container);
	place_shell("umount full");
}

static void test_nowhere(void)
{
	struct container container = place_container("nowhere");
	struct log_writer writer;

	place_shell("mkdir nowhere/container.log && mkfifo nowhere/container.log.idx");
	alarm(10);
	log_open(&container, &writer);
	is_number((long)log_append(&writer, LOG_STDOUT, "text", 4), 0,
		"without a usable file everything is lost, and that is all");
	alarm(0);
	container_leave(&container);
}

/* A process that writes to the log what it reads, as the monitor does. */
static pid_t writer_start(const struct container *container, int *input)
{
	struct log_writer writer;
	static char buffer[4096];
	int ends[2];
	ssize_t got;
	pid_t pid;

	if (pipe(ends) < 0)
		exit(EXIT_FAILURE);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		log_open(container, &writer);
		while ((got = read(ends[0], buffer, sizeof(buffer))) > 0)
			log_append(&writer, LOG_STDOUT, buffer, (size_t)got);
		_exit(0);
	}
	close(ends[0]);
	*input = ends[1];
	return pid;
}

/* Copies the log to a descriptor. */
static int copy_to(const struct container *container, int fd, bool follow, int writer)
{
	struct error err = {0};
	FILE *out = fdopen(dup(fd), "w");
	struct log_view view = {.out = out, .err = out, .tail = -1, .follow = follow};
	bool missed;
	int result = log_copy(container, &view, writer, &missed, &err);

	fclose(out);
	return result;
}

/* A process that follows the log into a pipe. */
static pid_t follower_start(const struct container *container, int pidfd, int input, int *output)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		exit(EXIT_FAILURE);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		close(input);
		_exit(copy_to(container, ends[1], true, pidfd) == 0 ? 0 : 1);
	}
	close(ends[1]);
	*output = ends[0];
	return pid;
}

/* Reads until length bytes have come, or the end. */
static size_t pipe_read(int fd, char *bytes, size_t length)
{
	size_t sum = 0;
	ssize_t got;

	while (sum < length && (got = read(fd, bytes + sum, length - sum)) > 0)
		sum += (size_t)got;
	return sum;
}

static void test_follow(void)
{
	struct container container = place_container("followed");
	int input, output, pidfd, status;
	char text[64] = "";
	pid_t writer, follower;

	alarm(30);
	writer = writer_start(&container, &input);
	pidfd = sys_pidfd_open(writer, 0);
	follower = follower_start(&container, pidfd, input, &output);
	for (int i = 0; i < 3; i++) {
		dprintf(input, "line %d\n", i);
		text[pipe_read(output, text, 7)] = '\0';
		ok(strncmp(text, "line ", 5) == 0 && text[5] == '0' + i,
			"line %d arrives when it is written", i);
	}
	place_shell("truncate -s 0 followed/container.log");
	dprintf(input, "new\n");
	is_number(pipe_read(output, text, 4), 4, "a truncated log is read from its new beginning");
	/* The end and the last bytes are seen at once by a reader that was not looking. */
	kill(follower, SIGSTOP);
	waitpid(follower, &status, WUNTRACED);
	dprintf(input, "the tail\n");
	close(input);
	waitpid(writer, NULL, 0);
	kill(follower, SIGCONT);
	text[pipe_read(output, text, sizeof(text) - 1)] = '\0';
	is_string(text, "the tail\n", "the tail arrives, then the end");
	waitpid(follower, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "following ends with the writer");
	close(output);
	close(pidfd);
	alarm(0);
	container_leave(&container);
}

/* Random bytes in random portions, against a reader that follows. */
static void test_follow_bytes(void)
{
	static char sent[1 << 20], received[sizeof(sent) + 1];
	struct container container = place_container("bytes");
	int input, output, pidfd;
	pid_t writer, follower, feeder;

	alarm(60);
	srandom(7);
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)random();
	writer = writer_start(&container, &input);
	pidfd = sys_pidfd_open(writer, 0);
	follower = follower_start(&container, pidfd, input, &output);
	feeder = fork();
	if (feeder == 0) {
		for (size_t at = 0; at < sizeof(sent);) {
			size_t portion = 1 + (size_t)random() % 9000;
			ssize_t put = write(input, sent + at,
				portion < sizeof(sent) - at ? portion : sizeof(sent) - at);

			at += (size_t)put;
		}
		_exit(0);
	}
	close(input);
	is_number(
		pipe_read(output, received, sizeof(received)), sizeof(sent), "every byte arrives");
	ok(memcmp(sent, received, sizeof(sent)) == 0, "as it was written");
	for (int i = 0; i < 3; i++)
		wait(NULL);
	(void)follower;
	close(output);
	close(pidfd);
	alarm(0);
	container_leave(&container);
}

/* What one of the streams has, as somebody prints it while the writer lives. */
static const char *stream_print(
	const struct container *container, enum log_stream stream, int writer, char text[64])
{
	FILE *out = fmemopen(text, 64, "w");
	struct log_view view = {.out = out, .err = out, .tail = -1, .streams = 1u << stream};
	struct error err = {0};
	bool missed;

	memset(text, 0, 64);
	log_copy(container, &view, writer, &missed, &err);
	fclose(out);
	return text;
}

/* Bytes are there before their entry: a reader that comes in between does not guess. */
static void test_between(void)
{
	struct container container = place_container("between");
	struct log_entry entry = {.offset = 2, .time = 1, .length = 5, .stream = LOG_STDERR};
	struct log_writer writer;
	char text[64];
	int pidfd;
	pid_t pid;

	alarm(30);
	log_open(&container, &writer);
	log_append(&writer, LOG_STDERR, "a\n", 2);
	is_number(write(writer.log, "late\n", 5), 5, "bytes without an entry");
	pid = fork();
	if (pid == 0) {
		poll(NULL, 0, 2);
		if (pwrite(writer.index, &entry, sizeof(entry), sizeof(entry)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	pidfd = sys_pidfd_open(pid, 0);
	is_string(stream_print(&container, LOG_STDOUT, pidfd, text), "",
		"wait for it, and are nobody else's");
	is_string(stream_print(&container, LOG_STDERR, pidfd, text), "a\nlate\n",
		"but of the stream that they came through");
	is_number(write(writer.log, "lost\n", 5), 5, "bytes that never get one");
	is_string(stream_print(&container, LOG_STDOUT, pidfd, text), "lost\n",
		"are printed all the same");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	alarm(0);
	close(pidfd);
	close(writer.log);
	close(writer.index);
	container_leave(&container);
}

static void test_ends(void)
{
	struct container container = place_container("ends");
	int input, output, pidfd, null = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
	pid_t writer, follower;

	alarm(30);
	is_number(copy_to(&container, null, true, -1), 0,
		"with no writer there is nothing to wait for");
	writer = writer_start(&container, &input);
	pidfd = sys_pidfd_open(writer, 0);
	follower = follower_start(&container, pidfd, input, &output);
	close(output);
	waitpid(follower, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "nor when nobody reads any more");
	follower = follower_start(&container, pidfd, input, &output);
	kill(writer, SIGKILL);
	waitpid(follower, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "nor when the writer was killed");
	waitpid(writer, NULL, 0);
	place_shell("rm -f ends/container.log && mkfifo ends/container.log");
	ok(copy_to(&container, null, false, -1) < 0, "a FIFO is no log");
	alarm(0);
	close(input);
	close(output);
	close(pidfd);
	close(null);
	container_leave(&container);
}

int main(void)
{
	place_make();
	test_append();
	test_full();
	test_nowhere();
	test_follow();
	test_follow_bytes();
	test_between();
	test_ends();
	place_remove();
	return tap_end();
}

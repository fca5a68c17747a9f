/* What `ps` and `list` print: byte for byte, and with broken containers among the good ones. */
#include <sys/file.h>

#include "runtime/columns.h"
#include "runtime/verb/verbs.h"
#include "state/life.h"
#include "tests/unit/state_place.h"

/* Runs body in a child with stdout in the file "out" of the place, stderr in "err". */
static int print_into(int (*body)(const void *), const void *context)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		alarm(20);
		if (chdir(place) < 0)
			_exit(1);
		dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
		dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
		status = body(context);
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int classic_table(const void *context)
{
	static const char *const headings[] = {"ID", "NAME", "PID", "STATUS", "COMMAND", "CREATED"};
	static const char *const first[] = {
		"1675034423", "bird", "8675", "running", "top-b", "2017-01-07 23:16:05"};
	static const char *const second[] = {
		"2810543377", "a-very-long-name", NULL, "stopped", "sh", "2017-01-07 23:16:09"};
	struct arena arena = {0};
	struct columns columns;

	columns_begin(&columns, &arena, headings, 6);
	columns_add(&columns, first);
	columns_add(&columns, second);
	columns_print(&columns);
	arena_free(&arena);
	return 0;
}

static int strange_table(const void *context)
{
	static const char *const headings[] = {"A", "B"};
	static const char *const umlauts[] = {"\xc3\xa4\xc3\xb6\xc3\xbc-twelve-long", "x"};
	static const char *const escapes[] = {"\033[31m\n\xff\xc2\x9b", "y\tz"};
	static const char *const wide[] = {"\xe6\x97\xa5\xe6\x9c\xac", "z"};
	static const char *const plain[] = {"row", ""};
	struct arena arena = {0};
	struct columns columns;

	columns_begin(&columns, &arena, headings, 2);
	columns_add(&columns, umlauts);
	columns_add(&columns, escapes);
	columns_add(&columns, wide);
	for (int i = 0; i < 100; i++)
		columns_add(&columns, plain);
	columns_print(&columns);
	arena_free(&arena);
	return 0;
}

static void test_columns(void)
{
	print_into(classic_table, NULL);
	ok(place_shell(
		   "printf '%%s\\n' "
		   "'ID           NAME               PID         STATUS      COMMAND     CREATED' "
		   "'1675034423   bird               8675        running     top-b       "
		   "2017-01-07 23:16:05' "
		   "'2810543377   a-very-long-name               stopped     sh          "
		   "2017-01-07 23:16:09' | cmp -s - out"),
		"the classic table, byte for byte");
	print_into(strange_table, NULL);
	ok(place_shell("sed -n 2p out | LC_ALL=C grep -q '^......-twelve-long   x$'"),
		"widths are counted in characters");
	ok(place_shell("sed -n 3p out | grep -Eq '^[?][[]31m[?]{4} +y[?]z$'"),
		"what would move the cursor is not printed");
#ifndef MYDOCKER_SANITIZED /* the other C library knows no widths without a locale */
	ok(place_shell("sed -n 4p out | grep -q '^[^ ]* \\{14\\}z$'"),
		"a character may be two places wide");
#endif
	ok(place_shell("test $(wc -l < out) = 104"), "a table may be long");
}

static int verb_call(const void *context)
{
	const struct command *command = context;
	struct error err = {0};
	int result = command->verb == VERB_list ? verb_list(command, &err) : verb_ps(command, &err);

	return result < 0 ? 1 : result;
}

/* Runs `ps` or `list` on the place with one option. */
static int verb_print(enum verb_id verb, enum option_id option, const char *value)
{
	static char *none[] = {NULL};
	struct command command = {.verb = verb, .argv = none};

	command.given[option] = true;
	command.value[option] = value;
	command.value[OPTION_root] = place;
	return print_into(verb_call, &command);
}

/* A container whose first process waits. */
static pid_t container_make(const char *id)
{
	struct container container = place_container(id);
	struct spec_record record = {
		.id = id,
		.name = id,
		.schema = RECORD_SCHEMA,
		.command = "sleep 100",
		.create_time = "2017-01-07 23:16:05",
		.created = "2017-01-07T23:16:05.000000001Z",
		.bundle = "/bundle",
		.init = {.given = true},
		.init_start = {.given = true},
		.owner = {true, 0},
	};
	struct error err = {0};
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	record.init.value = pid;
	process_start_time(pid, &record.init_start.value);
	record_write(&container, &record, &err);
	container_leave(&container);
	return pid;
}

static void process_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_ps(pid_t pid)
{
	is_number(verb_print(VERB_ps, OPTION_all, NULL), 0, "ps among broken containers succeeds");
	ok(place_shell("grep -Eqx 'alive +alive +%d +running +sleep 100 +2017-01-07 23:16:05' out",
		   pid),
		"a living one is listed");
	ok(place_shell("grep -Eqx 'dead +dead +stopped +sleep 100 +2017-01-07 23:16:05' out"),
		"a dead one has no pid");
	ok(place_shell("test $(grep -Ec '^(broken|gone|hung) +unknown +$' out) = 3"),
		"a broken one is a row");
	ok(place_shell("test $(grep -c warning err) = 3 && grep -q 'broken is damaged' err"),
		"and a warning");
	verb_print(VERB_ps, OPTION_quiet, NULL);
	ok(place_shell("test \"$(echo $(cat out))\" = 'alive broken dead gone hung'"),
		"ps -q prints the ids in order");
	verb_print(VERB_ps, OPTION_format, "json");
	ok(place_shell("jq -e '.schema == \"mydocker.ps/1\" and .containers[0] == {id: \"alive\", "
		       "name: \"alive\", pid: %d, status: "
		       "\"running\", command: \"sleep 100\", created: \"2017-01-07 23:16:05\"}' "
		       "out >/dev/null",
		   pid),
		"ps --format json prints the same");
	is_number(verb_print(VERB_ps, OPTION_format, "yaml"), 1, "another format is an error");
}

static void test_list(pid_t pid)
{
	struct container making;

	verb_print(VERB_list, OPTION_all, NULL);
	ok(place_shell("head -1 out | grep -Eqx 'ID +PID +STATUS +BUNDLE +CREATED +OWNER'"),
		"list has its columns");
	ok(place_shell("grep -Eqx 'alive +%d +running +/bundle +2017-[^ ]+ +root' out", pid),
		"and its rows");
	ok(place_shell("grep -Eqx 'dead +0 +stopped +/bundle .*' out"),
		"in which the dead have pid 0");
	verb_print(VERB_list, OPTION_format, "json");
	ok(place_shell("jq -e 'map(.status) == [\"running\", \"unknown\", \"stopped\", "
		       "\"unknown\", \"unknown\"]' out >/dev/null"),
		"list --format json prints states");
	ok(place_shell("test ! -s err"), "and nothing on stderr, which may be read with it");

	making = place_container("gone");
	flock(making.dir, LOCK_EX);
	verb_print(VERB_list, OPTION_quiet, NULL);
	ok(place_shell("! grep -q gone out && ! grep -q gone err"),
		"one that is just being made is not there yet");
	container_leave(&making);
}

int main(void)
{
	pid_t pid, other;

	place_make();
	test_columns();
	place_shell("mkdir containers");
	strcat(place, "/containers");
	pid = container_make("alive");
	other = container_make("dead");
	process_end(other);
	place_shell("mkdir broken hung gone && echo '{\"pid\":' > broken/config.json &&"
		    "mkfifo hung/config.json");
	test_ps(pid);
	test_list(pid);
	process_end(pid);
	*strrchr(place, '/') = '\0';
	place_remove();
	return tap_end();
}

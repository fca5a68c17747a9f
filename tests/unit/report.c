/* What is said, and where: stderr for people, one record per line for engines. */
#include "runtime/report.h"

#include <fcntl.h>

#include "tests/unit/state_place.h"

/* Runs body in a process of its own, its stderr in the file "err" of the place. */
static void speak(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		if (chdir(place) < 0)
			_exit(1);
		dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
		body();
		report_close();
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

static struct error error_example(void)
{
	struct error err = {0};

	error_set(&err, ERROR_STEP, 16, "cannot mount proc: device or resource busy");
	error_pointer(&err, "/mounts/3");
	error_step(&err, "mount");
	error_value(&err, "proc");
	error_hint(&err, "look for a process");
	return err;
}

static void speak_bare(void)
{
	struct error err = error_example();

	report_open("docker-runtime", NULL, NULL, false, &(struct error){0});
	report_error("create", &err);
}

static void speak_text_log(void)
{
	struct error err = error_example();

	report_open("mydocker", "log", "text", false, &(struct error){0});
	report_warning("/a", "say \"hi\"\n\033[31m");
	report_error("create", &err);
}

static void speak_json_log(void)
{
	struct error err = error_example();

	report_open("mydocker", "log", "json", false, &(struct error){0});
	report_warning("/process", "first");
	report_warning(NULL, "second");
	report_error("create", &err);
}

static void speak_json_warnings(void)
{
	report_open("mydocker", "log", "json", false, &(struct error){0});
	report_warning("/process", "first");
	report_warning("", "second");
	report_debug("not said");
}

static void speak_json_stderr(void)
{
	struct error err = error_example();

	report_open("mydocker", NULL, "json", false, &(struct error){0});
	report_error("create", &err);
}

static void speak_debug(void)
{
	report_open("mydocker", NULL, NULL, true, &(struct error){0});
	report_debug("number %d", 7);
	report_warning("/a", "beware");
}

static void speak_nowhere(void)
{
	struct error err = {0};

	if (report_open("mydocker", "/nonexistent/log", "text", false, &err) < 0)
		report_error(NULL, &err);
}

/* error_set would have tidied it. */
static void speak_strangely(void)
{
	struct error err = {.code = ERROR_STEP, .message = "a\033[31m\nb\xff\"\\"};

	report_open("mydocker", "log", "json", false, &(struct error){0});
	report_error("run", &err);
}

static void test_text(void)
{
	speak(speak_bare);
	ok(place_shell("echo 'docker-runtime: create: /mounts/3: cannot mount proc: "
		       "device or resource busy; look for a process' | cmp -s - err"),
		"without a log an error is one bare line");
	place_shell("echo before > log");
	speak(speak_text_log);
	ok(place_shell("head -1 log | grep -qx before"), "a log is added to");
	ok(place_shell("sed -n 2p log | grep -Eqx 'time=\"[0-9T:.-]+Z\" level=warning "
		       "msg=\"/a: say .\"hi.\".n.x1b.31m\"'"),
		"a warning is a line of it, escaped");
	ok(place_shell("sed -n 3p log | grep -Eqx 'time=\"[^\"]+\" level=error "
		       "msg=\"/mounts/3: cannot mount .*; look for a process\"'"),
		"so is the error");
	ok(place_shell("test $(wc -l < err) = 1 && grep -q 'mydocker: create: /mounts/3' err"),
		"and only the error is on stderr");
	speak(speak_debug);
	ok(place_shell("head -1 err | grep -Eqx 'time=\"[^\"]+\" level=debug msg=\"number 7\"' && "
		       "test \"$(sed 1d err)\" = 'mydocker: warning: /a: beware'"),
		"without a log everything goes to stderr");
	speak(speak_nowhere);
	ok(place_shell("grep -q '^mydocker: cannot open the log /nonexistent/log: No such' err"),
		"a log that cannot be is an error");
}

static void test_json(void)
{
	place_shell("rm log");
	speak(speak_json_log);
	ok(place_shell("test $(wc -l < log) = 1"), "in JSON an error is the only line");
	ok(place_shell("jq -e '[.level, .code, .step, .pointer, .value, .errno, .hint] == "
		       "[\"error\", \"STEP\", \"mount\", \"/mounts/3\", \"proc\", \"EBUSY\", "
		       "\"look for a process\"]' log >/dev/null"),
		"with everything that is known");
	ok(place_shell("jq -re .msg log | grep -q '^/mounts/3: cannot mount proc: device .* look'"),
		"its message says it all by itself");
	ok(place_shell("jq -e '.warnings == [\"/process: first\", \"second\"]' log >/dev/null"),
		"the warnings are in it");
	ok(place_shell("jq -re .time log | "
		       "grep -Eqx '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{9}Z'"),
		"its time is RFC 3339");

	place_shell("rm log");
	speak(speak_json_warnings);
	ok(place_shell("jq -se 'map(.level + .msg) == "
		       "[\"warning/process: first\", \"warningsecond\"]' log >/dev/null"),
		"without an error the warnings are lines");
	ok(place_shell("test ! -s err"), "and nothing is on stderr");

	speak(speak_json_stderr);
	ok(place_shell("jq -e '.pointer == \"/mounts/3\"' err >/dev/null && "
		       "test $(wc -l < err) = 1"),
		"JSON without a log goes to stderr");

	place_shell("rm log");
	speak(speak_strangely);
	ok(place_shell("test $(wc -l < err) = 1 && ! grep -q \"$(printf '\\033')\" err"),
		"what would move the cursor is not printed");
	ok(place_shell("test $(wc -l < log) = 1 && jq -e .msg log >/dev/null"),
		"and the log is still JSON");
}

int main(void)
{
	place_make();
	test_text();
	test_json();
	place_remove();
	return tap_end();
}

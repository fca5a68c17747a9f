/* What a user reads when the gate reports a failure: engines look for some of these words. */
#include <errno.h>
#include <string.h>

#include "runtime/plan/words.h"
#include "runtime/walk.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

static const char config[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},"
	"\"process\":{\"cwd\":\"/nowhere\",\"args\":[\"prog\"],\"apparmorProfile\":\"tight\","
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1,\"hard\":2}]},"
	"\"mounts\":[{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"options\":[\"size=x\"]}],"
	"\"hooks\":{\"createContainer\":[{\"path\":\"/bin/hook\"}]},"
	"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
	"{\"type\":\"network\",\"path\":\"/run/netns/x\"}]}}";

static const struct row {
	enum step_kind kind;
	int error;
	enum wire_call call;
	const char *detail;
	enum error_code code;
	const char *message, *pointer, *hint;
} rows[] = {
	{STEP_program, ENOENT, WIRE_CALL_lookup, "prog", ERROR_EXEC,
		"exec: \"prog\": executable file not found in $PATH", "/process/args", ""},
	{STEP_program, EACCES, WIRE_CALL_lookup, "prog", ERROR_EXEC,
		"exec: \"prog\": permission denied", "/process/args", ""},
	{STEP_program, ENOENT, WIRE_CALL_execute, "prog", ERROR_EXEC,
		"exec: \"prog\": no such file or directory", "/process/args", ""},
	{STEP_exec, ENOENT, WIRE_CALL_execute, "/bin/prog", ERROR_EXEC,
		"exec prog: no such file or directory", "/process/args", "interpreter"},
	{STEP_exec, ENOEXEC, WIRE_CALL_execute, "/bin/prog", ERROR_EXEC,
		"exec prog: exec format error", "/process/args", "machine"},
	{STEP_cwd, ENOENT, WIRE_CALL_NONE, "/nowhere", ERROR_EXEC,
		"chdir to cwd (\"/nowhere\") set in config.json failed: no such file or directory",
		"/process/cwd", ""},
	{STEP_cwd, EXDEV, WIRE_CALL_outside, "/nowhere", ERROR_EXEC,
		"chdir to cwd (\"/nowhere\") set in config.json failed: it lies outside the "
		"container's root",
		"/process/cwd", ""},
	{STEP_mount, EINVAL, WIRE_CALL_mount_data, "size", ERROR_STEP,
		"cannot mount tmpfs on /tmp: cannot take this option (size): invalid argument",
		"/mounts/0", "does not know this option"},
	{STEP_mount, ENODEV, WIRE_CALL_mount_type, "tmpfs", ERROR_STEP,
		"cannot mount tmpfs on /tmp: cannot make a filesystem of this type: no such device",
		"/mounts/0", "/proc/filesystems"},
	{STEP_join, EINVAL, WIRE_CALL_namespace_type, "", ERROR_NAMESPACE,
		"cannot join the namespace network: cannot join: it is a namespace of another "
		"type: "
		"invalid argument",
		"/linux/namespaces/1", ""},
	{STEP_rlimit, EPERM, WIRE_CALL_NONE, "", ERROR_STEP,
		"cannot set the resource limit RLIMIT_NOFILE: operation not permitted",
		"/process/rlimits/0", "CAP_SYS_RESOURCE"},
	{STEP_label, ENOENT, WIRE_CALL_write, "", ERROR_STEP,
		"cannot set the security label exec tight: cannot write to "
		"`/proc/self/attr/apparmor/exec`: no such file or directory",
		"/process/apparmorProfile", "no profile of this name"},
	{STEP_hook, ECANCELED, WIRE_CALL_exited, "3 first\nlast\x1b[0m\n", ERROR_HOOK,
		"error running createContainer hook #0: /bin/hook exited with status 3, having "
		"said: first last [0m",
		"/hooks/createContainer/0", ""},
	{STEP_hook, ECANCELED, WIRE_CALL_signaled, "9 ", ERROR_HOOK,
		"error running createContainer hook #0: /bin/hook was ended by signal 9",
		"/hooks/createContainer/0", ""},
	{STEP_hook, ECANCELED, WIRE_CALL_timed_out, "2 x", ERROR_HOOK,
		"error running createContainer hook #0: /bin/hook was not done after 2 s, having "
		"said: x",
		"/hooks/createContainer/0", ""},
	{STEP_hook, ENOENT, WIRE_CALL_execute, "/bin/hook", ERROR_HOOK,
		"error running createContainer hook #0: /bin/hook could not be run: no such file "
		"or directory",
		"/hooks/createContainer/0", ""},
};

int main(void)
{
	struct fixture f;

	ok(fixture_open(&f, config, strlen(config), &host_v2) == 0 && fixture_compile(&f) == 0,
		"the plan: %s", f.err.message);
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct row *row = &rows[i];
		struct wire_failure failure = {.step = fixture_index(&f, row->kind),
			.error = row->error,
			.call = row->call};
		struct error err = {0};

		snprintf(failure.detail, sizeof(failure.detail), "%s", row->detail);
		ok(words_for_failure(&f.compiled, &f.spec, &failure, &err) < 0 &&
				err.code == row->code && err.number == row->error,
			"%s fails with %s", plan_kinds[row->kind].name, error_code_name(err.code));
		is_string(err.message, row->message, "%sits sentence",
			row->kind == STEP_label ? "[engines-12] " : "");
		is_string(err.pointer, row->pointer, "its pointer");
		is_string(err.step, plan_kinds[row->kind].name, "its step");
		ok(row->hint[0] == '\0' ? err.hint[0] == '\0' : strstr(err.hint, row->hint) != NULL,
			"its hint: %s", err.hint);
	}
	{
		struct wire_failure failure = {.step = UINT32_MAX, .error = EPROTO};
		struct error err = {0};

		words_for_failure(&f.compiled, &f.spec, &failure, &err);
		is_number(
			err.code, ERROR_GATE, "before there is a plan it is the gate that failed");
	}
	fixture_close(&f);
	return tap_end();
}

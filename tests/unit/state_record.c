/* Records as they are written, and as strangers may leave them. */
#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/state_place.h"

static struct spec_record record_example(void)
{
	static struct spec_cgroup_directory directories[] = {
		{.path = "/sys/fs/cgroup/memory/x", .made = {true, true}},
		{.path = "/sys/fs/cgroup/pids/x"},
	};
	static struct string_pair annotations[] = {{"org.example/a", "1"}, {"empty", ""}};

	return (struct spec_record){
		.pid = "8675",
		.id = "whole",
		.name = "bird",
		.command = "top -b",
		.create_time = "2017-01-07 23:16:05",
		.status = "running",
		.schema = RECORD_SCHEMA,
		.bundle = "/b\n\"ü\"",
		.init = {true, 8675},
		.init_start = {true, UINT64_MAX},
		.owner = {true, 0},
		.cgroups = {2, true, directories},
		.annotations = {2, true, annotations},
	};
}

static void test_round(void)
{
	struct container container = place_container("whole");
	struct spec_record record = record_example(), back;
	struct arena arena = {0};
	struct error err = {0};
	struct stat file;

	is_number(record_write(&container, &record, &err), 0, "a record is written");
	is_number(record_read(&container, &arena, &back, &err), 0, "and read: %s", err.message);
	is_string(back.command, "top -b", "a string");
	is_string(back.bundle, "/b\n\"ü\"", "one that needs escapes");
	is_number(back.init.value, 8675, "a number");
	ok(back.init_start.value == UINT64_MAX, "the largest one");
	ok(back.owner.given && back.owner.value == 0 && !back.gate.given, "zero is not absent");
	is_number(back.cgroups.count, 2, "a list");
	ok(back.cgroups.items[0].made.value && !back.cgroups.items[1].made.value,
		"what we made is told");
	is_string(back.annotations.items[1].value, "", "an empty annotation");
	fstatat(container.dir, RECORD_FILE, &file, 0);
	is_number(file.st_mode & 07777, 0600, "it is only its owner's");
	ok(place_shell("jq -e '[.pid,.id,.name,.command,.createTime,.status] | all(type == "
		       "\"string\")' whole/config.json >/dev/null"),
		"the classic members are strings");
	ok(place_shell("test $(ls -A whole | wc -l) = 1"), "no temporary file is left");
	arena_free(&arena);
	container_leave(&container);
}

/* Each makes the record of "broken" something else. */
static const struct damage {
	const char *what, *command;
} damages[] = {
	{"truncated", "head -c 40 whole/config.json > broken/config.json"},
	{"empty", ": > broken/config.json"},
	{"not JSON", "echo hello > broken/config.json"},
	{"null", "echo null > broken/config.json"},
	{"of zeros", "head -c 4096 /dev/zero > broken/config.json"},
	{"huge", "truncate -s 2G broken/config.json"},
	{"deeply nested", "printf '[%.0s' $(seq 100000) > broken/config.json"},
	{"a FIFO", "mkfifo broken/config.json"},
	{"a symlink",
		"sed s/whole/broken/ whole/config.json > good.json && ln -s ../good.json "
		"broken/config.json"},
	{"a loop", "ln -s config.json broken/config.json"},
	{"a directory", "mkdir broken/config.json"},
	{"a socket",
		"python3 -c 'import socket; "
		"socket.socket(socket.AF_UNIX).bind(\"broken/config.json\")' 2>/dev/null || "
		"mkfifo broken/config.json"},
	{"of the classic mydocker",
		"echo '{\"pid\":\"1\",\"id\":\"broken\",\"name\":\"x\"}' > broken/config.json"},
	{"of another schema",
		"sed 's/whole/broken/; s/record.1/record\\/99/' whole/config.json > "
		"broken/config.json"},
	{"of another container", "cp whole/config.json broken/config.json"},
	{"of wrong types",
		"sed 's/whole/broken/; s/:8675/:\"8675\"/' whole/config.json > broken/config.json"},
};

static void test_damage(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct container container = place_container("broken");
		struct spec_record record;
		struct arena arena = {0};
		struct error err = {0};

		place_shell("%s", damages[i].command);
		alarm(10); /* a reader that hangs ends the test */
		is_number(record_read(&container, &arena, &record, &err), -EBADMSG,
			"a record that is %s is damaged", damages[i].what);
		alarm(0);
		ok(err.code == ERROR_STATE && strstr(err.message, "broken") != NULL,
			"which is said: %s", err.message);
		error_clear(&err);
		is_number(container_remove(&container, &err), 0, "and removed all the same");
		container_leave(&container);
		arena_free(&arena);
	}
}

static void test_absent(void)
{
	struct container container = place_container("bare");
	struct spec_exit_record end;
	struct spec_record record;
	struct arena arena = {0};
	struct error err = {0};

	is_number(record_read(&container, &arena, &record, &err), -ENODATA,
		"a container may have no record");
	is_number(err.code, ERROR_STATE, "which is an error");
	error_clear(&err);
	is_number(exit_record_read(&container, &arena, &end, &err), -ENOENT, "and no exit record");
	is_number(err.code, ERROR_NONE, "which is none");
	end = (struct spec_exit_record){
		.schema = EXIT_SCHEMA, .exit_code = {true, 137}, .signal = {true, 9}};
	exit_record_write(&container, &end, &err);
	is_number(exit_record_read(&container, &arena, &end, &err), 0, "one that is there is read");
	ok(end.exit_code.value == 137 && end.signal.value == 9 && !end.oom_killed.given,
		"as it was written");
	arena_free(&arena);
	container_leave(&container);
}

static void test_bundle(void)
{
	static const char bytes[] = "{\"a\": 1}\n\0tail";
	struct container container = place_container("kept");
	struct error err = {0};

	is_number(bundle_keep(&container, bytes, sizeof(bytes), &err), 0,
		"the bundle's bytes are kept");
	ok(place_shell("printf '{\"a\": 1}\\n\\0tail\\0' | cmp -s - kept/bundle.json"),
		"byte for byte");
	container_leave(&container);
}

/* Writes the record again and again, until it is killed. */
static int rewriter(void *context)
{
	struct container container = place_container("whole");
	struct spec_record record = record_example();
	struct error err = {0};
	char command[3000];

	for (unsigned int i = 0;; i++) {
		memset(command, 'a' + (int)(i % 26), sizeof(command));
		command[i * 37 % (sizeof(command) - 1)] = '\0';
		record.command = command;
		if (record_write(&container, &record, &err) < 0)
			return 1;
	}
}

/* Whoever reads while it is written, or after the writer was killed, sees a whole record. */
static void test_killed_writer(void)
{
	struct container container = place_container("whole");
	int whole = 0, rounds = 60, reads = 50;

	for (int round = 0; round < rounds; round++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(rewriter(NULL));
		for (int i = 0; i <= reads; i++) {
			struct spec_record record;
			struct arena arena = {0};
			struct error err = {0};

			if (i == reads) {
				kill(pid, SIGKILL);
				waitpid(pid, NULL, 0);
			}
			whole += record_read(&container, &arena, &record, &err) == 0;
			arena_free(&arena);
		}
	}
	is_number(whole, rounds * (reads + 1), "no reader ever sees half of a record");
	container_leave(&container);
}

static void test_full_disk(void)
{
	struct container container = place_container("full");
	struct spec_record record = record_example(), back;
	struct arena arena = {0};
	struct error err = {0};

	container_leave(&container);
	if (geteuid() != 0 || !place_shell("mount -t tmpfs -o size=16k none full")) {
		skip("a full disk", "needs root");
		return;
	}
	container_enter(&container, place, "full", &err);
	record.id = "full";
	is_number(
		record_write(&container, &record, &err), 0, "a record is written to a small disk");
	place_shell("cat /dev/zero > full/ballast 2>/dev/null");
	is_number(record_write(&container, &record, &err), -ENOSPC, "not to a full one");
	error_clear(&err);
	is_number(record_read(&container, &arena, &back, &err), 0, "the old one is still whole");
	ok(place_shell("rm full/ballast && test $(ls -A full | wc -l) = 1"),
		"nothing else is left");
	arena_free(&arena);
	container_leave(&container);
	place_shell("umount full");
}

int main(void)
{
	place_make();
	test_round();
	test_damage();
	test_absent();
	test_bundle();
	test_killed_writer();
	test_full_disk();
	place_remove();
	return tap_end();
}

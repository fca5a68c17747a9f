/* Limits that hold: written to real v1 hierarchies and run into; and what is said when they cannot
 * be set. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "nsexec/cleanup.h"
#include "tests/unit/cgroup_scene.h"
#include "tests/unit/tap.h"

static struct arena arena;

/* A new cgroup in the v1 hierarchy of a controller; NULL and a skipped check when there is none. */
static const char *cgroup_new(const char *controller)
{
	const char *path = scene_make(scene_hierarchy(controller, &arena), &arena);

	if (!path)
		skip(controller, "no such v1 hierarchy where we may make a cgroup");
	return path;
}

static bool limit(const char *directory, const char *file, const char *value)
{
	struct error err = {0};

	if (cgroup_limit(directory, file, value, &err) == 0)
		return true;
	printf("# %s; %s\n", err.message, err.hint);
	return false;
}

/* The error that a limit meets, for looking at; its result. */
static int limit_error(
	const char *directory, const char *file, const char *value, struct error *err)
{
	error_clear(err);
	return cgroup_limit(directory, file, value, err);
}

/* ---- what a process feels ---- */

static int eat_memory(void *context)
{
	size_t size = 64 << 20;
	char *memory;

	scene_enter(context);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	return 0;
}

static void test_memory(void)
{
	const char *path = cgroup_new("memory");
	struct error err = {0};

	if (!path)
		return;
	is_number(scene_child(eat_memory, (void *)path), 0, "64 MiB are fine without a limit");
	ok(limit(path, "memory.limit_in_bytes", "16777216"), "a limit of 16 MiB");
	ok(limit(path, "memory.memsw.limit_in_bytes|", "16777216"),
		"without swap, if it is counted");
	is_number(scene_child(eat_memory, (void *)path), 128 + SIGKILL, "then 64 MiB are too many");
	ok(limit(path, "memory.limit_in_bytes", "10000000"), "rounding to pages is no difference");
	ok(limit(path, "memory.limit_in_bytes", "10m"), "nor is a unit");
	ok(limit(path, "memory.soft_limit_in_bytes", "-1"),
		"nor is what the kernel writes for none");
	is_number(limit_error(path, "memory.memsw.limit_in_bytes", "4096", &err), -EINVAL,
		"memory and swap together cannot be less than memory");
	ok(strstr(err.hint, scene_read(path, "memory.limit_in_bytes")), "says the hint: %s",
		err.hint);
	is_string(err.value, "4096", "the error has the value");
	ok(strstr(err.message, path) && strstr(err.message, "memory.memsw.limit_in_bytes"),
		"directory and file: %s", err.message);
	scene_remove(path);
}

/* Two children at the same time; exits with 1 when there can be only one. */
static int fork_two(void *context)
{
	pid_t first, second;

	scene_enter(context);
	first = fork();
	if (first == 0)
		for (;;)
			pause();
	second = first > 0 ? fork() : -1;
	if (second == 0)
		_exit(0);
	scene_end(second);
	scene_end(first);
	return first < 0 ? 2 : second < 0 ? 1 : 0;
}

static void test_pids(void)
{
	const char *path = cgroup_new("pids");

	if (!path)
		return;
	is_number(scene_child(fork_two, (void *)path), 0, "two children are fine without a limit");
	ok(limit(path, "pids.max", "2"), "a limit of 2");
	is_number(scene_child(fork_two, (void *)path), 1, "then the second child is refused");
	ok(limit(path, "pids.max", "max"), "no limit again");
	scene_remove(path);
}

/* Burns CPU for 300 ms of the clock. */
static int burn(void *context)
{
	struct timespec start, now;

	scene_enter(context);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 300);
	return 0;
}

static void test_cpu(void)
{
	const char *path = cgroup_new("cpu");
	struct error err = {0};
	const char *throttled;

	if (!path)
		return;
	ok(limit(path, "cpu.cfs_period_us", "20000") && limit(path, "cpu.cfs_quota_us", "2000"),
		"a tenth of a CPU");
	scene_child(burn, (void *)path);
	throttled = strstr(scene_read(path, "cpu.stat"), "nr_throttled ");
	ok(throttled && atoi(throttled + strlen("nr_throttled ")) > 3,
		"who takes more is throttled");
	is_number(limit_error(path, "cpu.cfs_period_us", "5", &err), -EINVAL, "5 us is no period");
	ok(strstr(err.hint, "1000 to 1000000"), "says the hint: %s", err.hint);
	is_number(
		limit_error(path, "cpu.cfs_burst_us", "5000", &err), -EINVAL, "burst above quota");
	ok(strstr(err.hint, "2000"), "says the hint: %s", err.hint);
	is_number(limit_error(path, "cpu.none", "5", &err), -ENOENT, "a file that is not there");
	ok(err.hint[0], "says the hint: %s", err.hint);
	scene_remove(path);
}

static void test_cpuset(void)
{
	const char *top = cgroup_new("cpuset"), *path, *sibling;
	const char *cpus, *wanted;
	struct error err = {0};
	bool made;
	pid_t pid;

	if (!top)
		return;
	cpus = arena_format(
		&arena, "%s", scene_read(scene_hierarchy("cpuset", &arena), "cpuset.cpus"));
	is_string(
		scene_read(top, "cpuset.cpus"), cpus, "a new cpuset has the CPUs of the one above");
	path = arena_format(&arena, "%s/a/b", top);
	scene_cgroup(path, &made, &err);
	is_string(scene_read(path, "cpuset.cpus"), cpus, "so have those further below");
	sibling = arena_format(&arena, "%s/empty", top);
	mkdir(sibling, 0755);
	sibling = arena_format(&arena, "%s/empty/below", top);
	ok(scene_cgroup(sibling, &made, &err) == 0 && made, "below an empty one of somebody else");
	is_string(scene_read(sibling, "cpuset.cpus"), cpus, "that is filled as well");
	pid = scene_sleeper(sibling);
	ok(scene_read(sibling, "tasks")[0], "and a process can enter");
	scene_end(pid);
	wanted = "0";
	ok(limit(path, "cpuset.cpus", wanted), "CPU 0 alone");
	is_string(scene_read(path, "cpuset.effective_cpus"), "0", "is in force");
	ok(limit_error(path, "cpuset.cpus", "8000", &err) < 0, "CPU 8000 is refused");
	ok(strstr(err.hint, cpus), "and the hint tells which there are: %s", err.hint);
	scene_remove(top);
}

static int open_full(void *context)
{
	int fd;

	scene_enter(context);
	fd = open("/dev/full", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? errno : 0;
}

static void test_devices(void)
{
	const char *path = cgroup_new("devices");

	if (!path)
		return;
	ok(limit(path, "devices.deny", "a"), "deny all devices");
	is_number(scene_child(open_full, (void *)path), EPERM, "full cannot be opened");
	ok(limit(path, "devices.allow", "c 1:3 rwm\nc 1:7 r\nc 5:1 rwm"),
		"three lines in one step");
	is_number(scene_child(open_full, (void *)path), 0, "full can be opened");
	is_string(scene_read(path, "devices.list"), "c 1:3 rwm\nc 1:7 r\nc 5:1 rwm",
		"all three took");
	scene_remove(path);
}

/* ---- how steps are written ---- */

static void test_alternatives(void)
{
	const char *path = cgroup_new("pids");
	struct error err = {0};

	if (!path)
		return;
	ok(limit(path, "pids.none|pids.max", "5|7"), "the first file is missing");
	is_string(scene_read(path, "pids.max"), "7", "so the second gets its own value");
	ok(limit(path, "pids.max|pids.none", "3|4"), "the first one exists");
	is_string(scene_read(path, "pids.max"), "3", "so it gets its value");
	ok(limit(path, "pids.none|", "5"), "an empty last name: nothing is needed");
	is_number(limit_error(path, "pids.none|pids.nothing", "5|7", &err), -ENOENT, "none exists");
	is_number(limit_error(path, "pids.max|", "x", &err), -EINVAL, "a refusal stays a refusal");
	is_number(
		limit_error("/sys/fs/cgroup/none", "pids.max", "1", &err), -ENOENT, "no directory");
	scene_remove(path);
}

/* The unified tree of a hybrid host has no controllers, or some. */
static void test_subtree(void)
{
	const char *path = scene_make(scene_unified(&arena), &arena);
	struct error err = {0};
	const char *below;
	bool made;
	pid_t pid;

	if (!path) {
		skip("controllers of v2", "no unified tree where we may make a cgroup");
		return;
	}
	is_number(limit_error(path, "cgroup.subtree_control", "+nonesuch", &err), -EINVAL,
		"a controller that is none");
	if (scene_read(scene_unified(&arena), "cgroup.controllers")[0]) {
		const char *word =
			strtok(arena_format(&arena, "+%s",
				       scene_read(scene_unified(&arena), "cgroup.controllers")),
				" ");

		below = arena_format(&arena, "%s/below", path);
		ok(limit(scene_unified(&arena), "cgroup.subtree_control", word), "%s at the root",
			word);
		ok(limit(path, "cgroup.subtree_control", word), "and below");
		ok(limit(path, "cgroup.subtree_control", word), "again");
		ok(scene_cgroup(below, &made, &err) == 0, "a cgroup that has it");
		pid = scene_sleeper(below);
		is_number(limit_error(below, "cgroup.subtree_control", word, &err), -EBUSY,
			"a cgroup with a process hands nothing down");
		ok(strstr(err.hint, "processes of its own"), "says the hint: %s", err.hint);
		is_string(scene_read(below, "cgroup.subtree_control"), "",
			"and keeps its controllers");
		scene_end(pid);
	} else {
		skip("handing down", "the unified tree has no controllers");
	}
	scene_remove(path);
}

/* The list of a machine with many CPUs; this one has not got them, so it is in ordinary files. */
static void test_many_cpus(void)
{
	char directory[] = "/tmp/cgroup_limit.XXXXXX";
	const char *list = "8";
	auto_fd int at = -1, report = -1;

	for (int cpu = 100; cpu < 1000; cpu += 2)
		list = arena_format(&arena, "%s,%d", list, cpu);
	ok(mkdtemp(directory) && (at = open(directory, O_PATH | O_DIRECTORY)) >= 0, "a directory");
	close(openat(at, "cpuset.cpus", O_WRONLY | O_CREAT, 0600));
	report = openat(at, "cpuset.cpus.effective", O_WRONLY | O_CREAT, 0600);
	ok(write(report, list, strlen(list)) > 0, "a list of %zu bytes", strlen(list));
	ok(limit(directory, "cpuset.cpus", list), "is read back to its end");
	unlinkat(at, "cpuset.cpus", 0);
	unlinkat(at, "cpuset.cpus.effective", 0);
	rmdir(directory);
}

int main(void)
{
	test_memory();
	test_pids();
	test_cpu();
	test_cpuset();
	test_devices();
	test_alternatives();
	test_subtree();
	test_many_cpus();
	arena_free(&arena);
	return tap_end();
}

/* Cgroups for real: made, limited, listed, signalled, frozen, removed, on whatever hierarchies this
 * host has. */
#include <dirent.h>
#include <sys/stat.h>

#include "tests/unit/cgroup_scene.h"
#include "tests/unit/tap.h"

static struct arena arena;

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* ---- making and removing ---- */

static void test_parents(const char *parent)
{
	const char *top = scene_path(parent, &arena);
	const char *first = arena_format(&arena, "%s/a/b", top);
	const char *second = arena_format(&arena, "%s/a/c", top);
	struct error err = {0};
	bool made = false;

	ok(scene_cgroup(first, &made, &err) == 0 && made, "%s: parents are made", parent);
	ok(scene_cgroup(second, &made, &err) == 0 && made, "below a parent that is there");
	ok(scene_remove(first) && exists(second), "the other one stays when one is removed");
	ok(scene_remove(second) && !exists(top), "with the last one go the parents that we made");
	mkdir(top, 0755);
	scene_cgroup(first, &made, &err);
	ok(scene_remove(first) && exists(top), "a parent that somebody else made stays");
	rmdir(top);
}

static void test_fitness(const char *parent)
{
	const char *path = scene_path(parent, &arena);
	const char *below = arena_format(&arena, "%s/below", path);
	struct error err = {0};
	bool made = true;
	pid_t pid;

	mkdir(path, 0755);
	ok(scene_cgroup(path, &made, &err) == 0 && !made, "%s: an empty one is used, not ours",
		parent);
	if (scene_cgroup(below, &made, &err) < 0)
		printf("# %s\n", err.message);
	pid = scene_sleeper(below);
	ok(scene_cgroup(path, &made, &err) == -EBUSY && err.code == ERROR_CGROUP,
		"one with a process below it is refused: %s", err.message);
	scene_end(pid);
	scene_remove(below);
	ok(exists(path), "what was there is not removed");
	rmdir(path);
}

static void test_nested(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	const char *deep = arena_format(&arena, "%s/x/y/z", path);
	struct error err = {0};
	bool made;

	scene_cgroup(deep, &made, &err);
	mkdir(arena_format(&arena, "%s/w", path), 0755);
	ok(scene_remove(path) && !exists(path), "%s: goes with what the container made below it",
		parent);
	ok(scene_remove(path), "one that is gone is fine");
}

/* Who leaves while we wait. */
static void test_busy(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};
	pid_t leaver = fork(), pid;

	if (leaver == 0) {
		scene_enter(path);
		usleep(300000);
		_exit(0);
	}
	while (!scene_read(path, "cgroup.procs")[0])
		usleep(1000);
	ok(cgroup_remove(&list, PATIENCE, &err) == 0, "%s: a process that is leaving is waited for",
		parent);
	scene_signal(leaver);
	path = directory.path = scene_make(parent, &arena);
	pid = scene_sleeper(path);
	directory.made = (struct maybe_bool){.given = false};
	ok(cgroup_remove(&list, 100, &err) == 0 && exists(path),
		"one that was only intended is left alone");
	directory.made = (struct maybe_bool){true, true};
	scene_end(pid);
	scene_remove(path);
}

/* ---- processes ---- */

static uint32_t process_count(const struct spec_cgroup_directory_list *list)
{
	struct error err = {0};
	uint32_t count = 0;
	pid_t *pids;

	cgroup_processes(list, &arena, &pids, &count, &err);
	return count;
}

static volatile sig_atomic_t arrived;

static void arrive(int signal)
{
	arrived++;
}

/* Counts a signal for a while; exits with how often it came. */
static pid_t signal_counter(const char *directory)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, arrive);
		scene_enter(directory);
		byte = (char)write(ready[1], "x", 1);
		while (!arrived)
			usleep(1000);
		usleep(50000); /* a second one would come at once */
		_exit(arrived);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		printf("# no counter\n");
	close(ready[0]);
	return pid;
}

static void test_signal(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	const char *below = arena_format(&arena, "%s/below", path);
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};
	pid_t counters[70], outsider = scene_sleeper(parent);
	uint32_t once = 0;
	pid_t *pids;
	uint32_t count;

	mkdir(below, 0755);
	for (size_t i = 0; i < 70; i++)
		counters[i] = signal_counter(i % 2 ? below : path);
	cgroup_processes(&list, &arena, &pids, &count, &err);
	is_number(count, 70, "%s: all processes are listed, those below as well", parent);
	ok(pids[0] < pids[1] && pids[68] < pids[69], "sorted");
	is_number(cgroup_signal(&list, SIGUSR1, &err), 0, "a signal is sent %s", err.message);
	for (size_t i = 0; i < 70; i++) {
		int status;

		waitpid(counters[i], &status, 0);
		once += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	is_number(once, 70, "each has got it exactly once");
	ok(outsider > 0 && kill(outsider, 0) == 0, "who is not in it has not got it");
	scene_end(outsider);
	scene_remove(path);
}

/* Forks as fast as it can, up to a bound, so that the machine lives. */
static int fork_on(void *context)
{
	scene_enter(context);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0); /* the chain goes on under another pid */
		if (pid < 0)
			usleep(100);
	}
}

static void test_kill(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};
	pid_t sleepers[3];

	for (size_t i = 0; i < 3; i++)
		sleepers[i] = scene_sleeper(path);
	for (size_t i = 0; i < 4; i++)
		scene_child(fork_on, (void *)path);
	is_number(cgroup_signal(&list, SIGKILL, &err), 0, "%s: all are killed %s", parent,
		err.message);
	for (size_t i = 0; i < 3; i++)
		is_number(scene_signal(sleepers[i]), SIGKILL, "sleeper %zu is", i);
	ok(scene_remove(path), "also those who fork all the time: the cgroup can be removed");
}

/* ---- freezing ---- */

static char process_letter(pid_t pid)
{
	const char *stat = scene_read(arena_format(&arena, "/proc/%d", pid), "stat");
	const char *end = strrchr(stat, ')');

	return end ? end[2] : '?';
}

static void test_freeze(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};
	pid_t pid = scene_sleeper(path);
	bool made;

	is_number(cgroup_freeze(&list, true, &err), 0, "%s: frozen %s", parent, err.message);
	ok(strstr(scene_read(path, "freezer.state"), "FROZEN") ||
			strstr(scene_read(path, "cgroup.events"), "frozen 1"),
		"and the kernel says so");
	scene_kill(pid);
	if (scene_read(path, "freezer.state")[0])
		ok(process_letter(pid) == 'D', "what is frozen on v1 does not even die");
	ok(cgroup_signal(&list, SIGKILL, &err) == 0 && scene_signal(pid) == SIGKILL,
		"unless the cgroup is killed, which thaws it");
	cgroup_freeze(&list, true, &err);
	error_clear(&err);
	ok(scene_cgroup(path, &made, &err) == -EBUSY, "a frozen one is refused: %s", err.message);
	error_clear(&err);
	is_number(cgroup_freeze(&list, false, &err), 0, "thawed %s", err.message);
	ok(scene_cgroup(path, &made, &err) == 0, "then it can be used");
	scene_remove(path);
}

static void test_nothing(void)
{
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list =
		scene_list(&directory, "/sys/fs/cgroup/none/at/all");
	struct error err = {0};

	ok(process_count(&list) == 0 && cgroup_signal(&list, SIGKILL, &err) == 0 &&
			cgroup_remove(&list, PATIENCE, &err) == 0,
		"a cgroup that is gone has no processes, takes a signal and is removed");
	ok(cgroup_freeze(&list, true, &err) == -ENODEV, "but cannot be frozen");
}

/* A container's own list that knows of no directory to be its own does nothing to others. */
static void test_intended(const char *parent)
{
	const char *path = scene_make(parent, &arena);
	struct spec_cgroup_directory directory;
	struct spec_cgroup_directory_list list = scene_list(&directory, path);
	struct error err = {0};
	pid_t pid = scene_sleeper(path);

	directory.made.given = directory.made.value = false;
	ok(process_count(&list) == 0 && cgroup_signal(&list, SIGKILL, &err) == 0 &&
			kill(pid, 0) == 0,
		"%s: processes in a directory that was only intended are not ours", parent);
	scene_end(pid);
	scene_remove(path);
}

int main(void)
{
	static const char *const controllers[] = {"pids", "freezer", ""};

	test_nothing();
	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
		const char *parent = scene_hierarchy(controllers[i], &arena);

		if (!parent || !scene_remove(scene_make(parent, &arena) ?: "/sys/fs/cgroup/none")) {
			skip(controllers[i][0] ? controllers[i] : "unified",
				"no such hierarchy here");
			continue;
		}
		test_parents(parent);
		test_fitness(parent);
		test_nested(parent);
		test_busy(parent);
		test_signal(parent);
		test_kill(parent);
		test_intended(parent);
		if (strcmp(controllers[i], "pids") != 0)
			test_freeze(parent);
	}
	arena_free(&arena);
	return tap_end();
}

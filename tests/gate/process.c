/*
 * What the gate makes of the process: each step in a real gate of both images, seen by the program
 * that it becomes.
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/gate/guest.h"

static struct draft draft;

/* Runs the draft with a shell command at its end. */
static struct guest shell_run(const char *command)
{
	struct guest g = {0};

	guest_run(&g, 0, draft_shell(&draft, command), NULL);
	return g;
}

static struct step_user *user_add(int64_t uid, int64_t gid, uint64_t bounding)
{
	struct step_user *user = DRAFT(&draft, user);

	user->uid = uid;
	user->gid = gid;
	user->bounding = bounding;
	return user;
}

static void user_test(void)
{
	static const char show[] = "grep -E '^(Uid|Gid|Groups|Cap|NoNew)' /proc/self/status";
	const uint32_t groups[] = {7, 4000000000u};
	struct step_capabilities *sets;
	struct step_user *user;
	struct guest g, bad;

	draft_born(&draft);
	user = user_add(1000, 1001, 0x21);
	user->groups = (plan_bytes){draft_bytes(&draft, groups, sizeof(groups), 8), sizeof(groups)};
	DRAFT(&draft, no_new_privs);
	sets = DRAFT(&draft, capabilities);
	sets->permitted = 0x21;
	sets->effective = sets->inheritable = sets->ambient = 0x20;
	g = shell_run(show);
	guest_prints(g,
		"Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\nGroups:\t7 4000000000 "
		"\n"
		"CapInh:\t0000000000000020\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\n"
		"CapBnd:\t0000000000000021\nCapAmb:\t0000000000000020\nNoNewPrivs:\t1\n",
		"a user with groups, capabilities of all five sets, no new privileges");

	draft_born(&draft);
	user_add(0, 0, 0);
	DRAFT(&draft, capabilities);
	g = shell_run(show);
	guest_prints(g,
		"Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \nCapInh:\t0000000000000000\n"
		"CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
		"CapAmb:\t0000000000000000\nNoNewPrivs:\t0\n",
		"root without any capability");

	draft_born(&draft);
	user_add(0, 0, 0x1);
	sets = DRAFT(&draft, capabilities);
	sets->ambient = 0x2;
	bad = shell_run("true");
	guest_fails(bad, 2, EPERM, capability, "1", "an ambient capability that is not permitted");
}

static void settings_test(void)
{
	struct step_rlimit *limit;
	struct step_scheduler *scheduler;
	struct step_memory_policy *memory;
	const uint64_t node = 1;
	struct guest g;

	draft_begin(&draft);
	DRAFT(&draft, oom_score)->value = 321;
	DRAFT(&draft, birth);
	DRAFT(&draft, session);
	limit = DRAFT(&draft, rlimit);
	limit->resource = RLIMIT_NOFILE;
	limit->soft = 99;
	limit->hard = 100;
	limit = DRAFT(&draft, rlimit);
	limit->resource = RLIMIT_CORE;
	scheduler = DRAFT(&draft, scheduler);
	scheduler->policy = 3;
	scheduler->nice = 4;
	DRAFT(&draft, io_priority)->value = 2 << 13 | 6;
	DRAFT(&draft, personality)->domain = 8;
	memory = DRAFT(&draft, memory_policy);
	memory->mode = 2;
	memory->nodes = (plan_bytes){draft_bytes(&draft, &node, sizeof(node), 8), sizeof(node)};
	DRAFT(&draft, umask)->mask = 027;
	g = shell_run("cat /proc/self/oom_score_adj; test $$ = $(cut -d' ' -f6 /proc/$$/stat) && "
		      "echo leader; ulimit -Sn; ulimit -Hn; ulimit -c; chrt -p $$ | head -1 | "
		      "sed 's/.*: //'; ionice -p $$; uname -m; umask");
	guest_prints(g, "321\nleader\n99\n100\n0\nSCHED_BATCH\nbest-effort: prio 6\ni686\n0027\n",
		"what is set is seen by the program");

	draft_born(&draft);
	limit = DRAFT(&draft, rlimit);
	limit->resource = RLIMIT_NOFILE;
	limit->soft = 2;
	limit->hard = 1;
	g = shell_run("true");
	guest_fails(g, 1, EINVAL, NONE, "", "a soft limit above the hard one");
}

/* Limits that would stop the gate itself if it took them too early. */
static void tight_test(void)
{
	struct step_rlimit *limit;
	struct guest g = {0};

	draft_born(&draft);
	limit = DRAFT(&draft, rlimit);
	limit->resource = RLIMIT_NOFILE;
	limit->soft = limit->hard = 3;
	user_add(0, 0, ~0ULL);
	DRAFT(&draft, cwd)->path = draft_text(&draft, "/tmp");
	guest_run(&g, 0, DRAFT_PROGRAM(&draft, "busybox", "sh", "-c", "ulimit -n; pwd"), NULL);
	guest_prints(g, "3\n/tmp\n", "three descriptors are enough, the last PATH counts");
}

static void descriptors_test(void)
{
	int leak = open("/", O_RDONLY | O_DIRECTORY), high = fcntl(leak, F_DUPFD, 700);
	char path[64], listing[64];
	struct guest g = {0};

	draft_born(&draft);
	g = shell_run("ls /proc/self/fd");
	guest_prints(g, "0\n1\n2\n3\n", "nothing of the caller is open but 0 to 2 (3 is ls's own)");

	draft_born(&draft);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", leak);
	DRAFT(&draft, cwd)->path = draft_text(&draft, path);
	g = shell_run("pwd -P");
	guest_fails(
		g, 1, ENOENT, NONE, path, "CVE-2024-21626: a descriptor is no working directory");
	snprintf(path, sizeof(path), "/proc/self/fd/%d/../etc", high);
	draft_born(&draft);
	DRAFT(&draft, cwd)->path = draft_text(&draft, path);
	g = shell_run("pwd -P");
	guest_fails(g, 1, ENOENT, NONE, path, "nor a way to one");

	draft_born(&draft);
	draft_shell(&draft, "ls /proc/self/fd");
	struct step_exec *last = (struct step_exec *)(draft.bytes +
		draft.steps[draft.plan.step_count - 1].arguments);
	last->preserve = leak - 2;
	memset(&g, 0, sizeof(g));
	guest_run(&g, 0, &draft.plan, NULL);
	snprintf(listing, sizeof(listing), "\n%d\n", leak);
	ok(strstr(g.printed, listing) != NULL && strstr(g.printed, "700") == NULL,
		"%s: descriptors that are to be preserved are, and no more",
		image_names[image_now]);
	close(leak);
	close(high);
}

static void cwd_test(void)
{
	char directory[] = "/tmp/gate-cwd-XXXXXX", gone[64];
	struct guest g;

	if (mkdtemp(directory) == NULL)
		abort();
	draft_born(&draft);
	DRAFT(&draft, cwd)->path = draft_text(&draft, directory);
	g = shell_run("pwd -P");
	ok(strncmp(g.printed, directory, strlen(directory)) == 0, "%s: enters its directory",
		image_names[image_now]);
	snprintf(gone, sizeof(gone), "%s/a/b", directory);
	draft_born(&draft);
	DRAFT(&draft, cwd)->path = draft_text(&draft, gone);
	g = shell_run("pwd");
	guest_fails(g, 1, ENOENT, NONE, gone, "in a container that runs already nothing is made");
	rmdir(directory);
}

static void program_fails(
	const char *name, const char *path, enum wire_call call, int error, const char *sentence)
{
	struct step_program *program;
	struct guest g = {0};

	draft_born(&draft);
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, name);
	if (path != NULL)
		program->env = DRAFT_LIST(&draft, path);
	program->home_uid = -1;
	DRAFT(&draft, ready);
	DRAFT(&draft, exec);
	guest_run(&g, 0, draft_end(&draft), NULL);
	ok(g.failure.step == 1 && g.failure.call == call && g.failure.error == error,
		"%s: %s (call %u, errno %d)", image_names[image_now], sentence, g.failure.call,
		g.failure.error);
	is_string(g.failure.detail, name, "and names it");
}

static void program_test(void)
{
	program_fails("nowhere", NULL, WIRE_CALL_lookup, ENOENT, "a name that is nowhere");
	program_fails("", NULL, WIRE_CALL_lookup, ENOENT, "no name");
	program_fails("passwd", "PATH=/nowhere:/etc", WIRE_CALL_lookup, EACCES, "a plain file");
	program_fails("bin", "PATH=/usr", WIRE_CALL_lookup, EACCES, "a directory");
	program_fails("/etc/passwd", NULL, WIRE_CALL_execute, EACCES, "a path to a plain file");
	program_fails("/usr", NULL, WIRE_CALL_execute, EACCES, "a path to a directory");
	program_fails("/nowhere", NULL, WIRE_CALL_execute, ENOENT, "a path to nothing");
	program_fails("/etc/passwd/x", NULL, WIRE_CALL_execute, ENOTDIR, "a path through a file");
}

/* The HOME that uid 4242 gets from a passwd like this; made says how to make the file. */
static void home_is(const char *home, const char *sentence, void (*make)(const char *path))
{
	struct step_program *program;
	struct guest g = {0};
	char expected[256];
	const char *path = "/tmp/gate-passwd";

	unlink(path);
	make(path);
	if (mount(path, "/etc/passwd", NULL, MS_BIND, NULL) < 0)
		abort();
	draft_born(&draft);
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, "/bin/sh", "-c", "echo $HOME");
	program->home_uid = 4242;
	DRAFT(&draft, ready);
	DRAFT(&draft, exec);
	guest_run(&g, 0, draft_end(&draft), NULL);
	umount2("/etc/passwd", MNT_DETACH);
	unlink(path);
	snprintf(expected, sizeof(expected), "%s\n", home);
	guest_prints(g, expected, sentence);
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static void passwd_good(const char *path)
{
	file_write(path,
		"root:x:0:0::/root:/bin/sh\nodd:x:4242\nother:x:42420:0::/b:\n"
		"me:x:4242:9:a comment:/home/me:/bin/sh\nagain:x:4242:9::/no:\n");
}

static void passwd_last(const char *path)
{
	file_write(path, "me:x:4242:9::/last/line");
}

static void passwd_relative(const char *path)
{
	file_write(path, "me:x:4242:9::home/me:/bin/sh\n");
}

static void passwd_long(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	char line[20000];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	if (write(fd, line, sizeof(line)) < 0 || write(fd, "me:x:4242:9::/after:/bin/sh\n", 28) < 0)
		abort();
	close(fd);
}

static void passwd_pipe(const char *path)
{
	if (mkfifo(path, 0644) < 0)
		abort();
}

static void home_test(void)
{
	home_is("/home/me", "the home of the first with this uid", passwd_good);
	home_is("/last/line", "also in a last line without its end", passwd_last);
	home_is("/", "not a relative one", passwd_relative);
	home_is("/after", "a line of 20,000 bytes is passed over", passwd_long);
	home_is("/", "a pipe does not make it wait", passwd_pipe);
}

static void stdio_test(void)
{
	struct stat before, after;
	struct guest g;
	struct step_stdio *stdio;

	stat("/dev/null", &before);
	draft_born(&draft);
	stdio = DRAFT(&draft, stdio);
	stdio->uid = 1234;
	g = shell_run("stat -Lc %u /dev/stdout; stat -Lc %u /dev/stdin");
	stat("/dev/null", &after);
	guest_prints(g, "1234\n0\n", "the streams become the user's, /dev/null does not");
	is_number(after.st_uid, before.st_uid, "on the host neither");
}

static void keyring_test(void)
{
	struct guest g;

	draft_born(&draft);
	DRAFT(&draft, keyring)->name = draft_text(&draft, "_ses.gate-test");
	g = shell_run("cat /proc/keys");
	ok(strstr(g.printed, "3f1b0000") != NULL && strstr(g.printed, "_ses.gate-test") != NULL,
		"%s: a session keyring of its own, to be found by name", image_names[image_now]);
}

static void signals_test(void)
{
	struct guest g = {0};
	sigset_t mask;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	draft_born(&draft);
	guest_run(&g, 0, DRAFT_PROGRAM(&draft, "grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"),
		NULL);
	guest_prints(g, "SigBlk:\t0000000008000000\nSigIgn:\t0000000000000000\n",
		"no ignored signals are handed down, the mask is");
	sigemptyset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	signal(SIGRTMAX, SIG_DFL);
}

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nsexec_is_gate())
		return nsexec_main();
	/* A bind mount over /etc/passwd, seen by nobody else. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
		dup2(null, 0) < 0)
		abort();
	for (image_now = 0; image_now < IMAGES; image_now++) {
		user_test();
		settings_test();
		tight_test();
		descriptors_test();
		cwd_test();
		program_test();
		home_test();
		stdio_test();
		keyring_test();
		signals_test();
	}
	return tap_end();
}

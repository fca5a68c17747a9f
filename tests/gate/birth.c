/*
 * The gate's constructor, in real processes: who is taken for a gate, and how it gets into its
 * namespaces. From both images.
 */
#include <linux/capability.h>
#include <sched.h>

#include "tests/gate/guest.h"

static struct draft draft;

/* Called by prefix, the number of a socket, suffix: is it just a program that does nothing? */
static void name_test(const char *prefix, const char *suffix, const char *sentence)
{
	struct guest g = {0};
	char byte;

	guest_start_named(&g, 0, prefix, suffix, "no-gate");
	guest_end(&g);
	ok(WIFEXITED(g.status) && WEXITSTATUS(g.status) == 127 &&
			recv(g.wire.fd, &byte, 1, MSG_DONTWAIT) <= 0,
		"%s: %s", image_names[image_now], sentence);
	close(g.wire.fd);
}

static void stranger_test(void)
{
	name_test("mydocker", "", "another name is not the gate's");
	name_test("mydocker-gate", "", "nor is one without a colon");
	name_test("mydocker-gate:0", "", "or with a leading zero");
	name_test("mydocker-gate:", " ", "or with a blank");
	name_test("mydocker-gate:+", "", "or with a sign");
	name_test("mydocker-gate:99999999999", "", "or with a number beyond all descriptors");
	name_test("/mydocker-gate:", "", "or with a path");
}

static void plan_test(void)
{
	struct guest silent = {0}, damaged = {0}, poor = {0};
	const struct plan *p;

	guest_start(&silent, 0);
	close(silent.wire.fd);
	guest_end(&silent);
	ok(WIFEXITED(silent.status) && silent.printed[0] == '\0',
		"%s: a host that goes away is not complained about", image_names[image_now]);

	draft_born(&draft);
	DRAFT(&draft, hostname)->name.at = 0x7fffffff;
	guest_run(&damaged, 0, draft_end(&draft), NULL);
	is_string(damaged.said, "FAIL EOF", "a damaged plan is refused");
	is_number(damaged.failure.step, UINT32_MAX, "before any step");

	draft_begin(&draft);
	DRAFT(&draft, join)->handle = draft_slot(&draft, SLOT_READ, "/proc/self/ns/uts");
	DRAFT(&draft, birth);
	p = draft_end(&draft);
	guest_start(&poor, 0);
	wire_send_plan(&poor.wire, p, p->size, NULL, 0);
	wire_receive(&poor.wire, &(struct wire_packet){0}, NULL, 0);
	is_number(poor.wire.state, WIRE_FAILED, "so is one that lacks a descriptor");
	close(poor.wire.fd);
	guest_end(&poor);
}

static void hostname_test(void)
{
	char *large = calloc(1, 2 * WIRE_INLINE), name[100];
	struct guest small = {0}, big = {0}, bad = {0};

	draft_born(&draft);
	DRAFT(&draft, hostname)->name = draft_text(&draft, "inside");
	guest_run(&small, CLONE_NEWUTS, draft_shell(&draft, "uname -n"), NULL);
	guest_prints(small, "inside\n", "a name in a namespace of its own");
	is_string(small.said, "READY EOF", "a word and the end");
	ok(WIFEXITED(small.status) && WEXITSTATUS(small.status) == 0, "the program's status");

	memset(large, 'x', 2 * WIRE_INLINE - 1);
	draft_born(&draft);
	guest_run(&big, 0, DRAFT_PROGRAM(&draft, "/bin/sh", "-c", "echo ${#1}", "sh", large), NULL);
	guest_prints(big, "131071\n", "a plan that needs a memfd");
	free(large);

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	draft_born(&draft);
	DRAFT(&draft, hostname)->name = draft_text(&draft, name);
	guest_run(&bad, CLONE_NEWUTS, draft_shell(&draft, "true"), NULL);
	is_string(bad.said, "FAIL EOF", "a step that fails is the last word");
	guest_fails(bad, 1, EINVAL, NONE, name, "it names itself and its reason");
}

static void user_test(void)
{
	struct guest g = {.uid_map = "0 100000 65536\n", .gid_map = "0 200000 65536\n", .hops = 1};
	struct step_map *map;

	draft_begin(&draft);
	DRAFT(&draft, unshare)->types = CLONE_NEWUSER;
	map = DRAFT(&draft, map);
	map->uids = draft_text(&draft, g.uid_map);
	map->gids = draft_text(&draft, g.gid_map);
	DRAFT(&draft, unshare)->types = CLONE_NEWPID | CLONE_NEWUTS;
	DRAFT(&draft, hop);
	DRAFT(&draft, birth);
	DRAFT(&draft, hostname)->name = draft_text(&draft, "mapped");
	guest_start(&g, 0);
	guest_talk(&g, draft_shell(&draft, "echo $$ $(id -u) $(id -g) $(uname -n)"), NULL);
	guest_end(&g);
	guest_prints(g, "1 0 0 mapped\n", "root and process 1 of new namespaces");
	ok(strcmp(g.said, "MAP HOPPED READY EOF") == 0 ||
			strcmp(g.said, "MAP READY HOPPED EOF") == 0,
		"it asks for maps and tells of its hop (%s)", g.said);
	ok(g.hopped > 0 && WIFEXITED(g.status) && WEXITSTATUS(g.status) == 0,
		"the process after the hop is the host's child");
}

static void time_test(void)
{
	struct guest g = {.offsets = "boottime 1000000000 0\n"};
	double uptime;

	draft_begin(&draft);
	DRAFT(&draft, unshare)->types = CLONE_NEWTIME;
	DRAFT(&draft, map)->offsets = draft_text(&draft, g.offsets);
	DRAFT(&draft, enter_time);
	DRAFT(&draft, birth);
	guest_run(&g, 0, draft_shell(&draft, "cat /proc/uptime"), NULL);
	uptime = strtod(g.printed, NULL);
	ok(uptime >= 1e9, "%s: a time namespace with its offset, without a hop (%.0f)",
		image_names[image_now], uptime);
	is_string(g.said, "MAP READY EOF", "after one handshake");
	is_number(g.hopped, 0, "in the same process");
}

/* A process in namespaces of its own, that waits until we kill it. */
static pid_t neighbour_start(uint64_t namespaces)
{
	struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args);

	if (pid == 0) {
		sethostname("neighbour", 9);
		kill(getpid(), SIGSTOP);
		for (;;)
			pause();
	}
	waitpid(pid, NULL, WUNTRACED);
	return pid;
}

static void join_test(void)
{
	struct guest one = {0}, wrong = {0}, own = {0}, several = {0};
	pid_t neighbour = neighbour_start(CLONE_NEWUTS | CLONE_NEWIPC);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/uts", neighbour);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	draft_begin(&draft);
	struct step_join *join = DRAFT(&draft, join);
	join->type = CLONE_NEWUTS;
	join->handle = draft_slot(&draft, SLOT_READ, path);
	DRAFT(&draft, birth);
	guest_run(&one, 0, draft_shell(&draft, "uname -n"), &fd);
	guest_prints(one, "neighbour\n", "joins by a descriptor");

	join->type = CLONE_NEWNET;
	guest_run(&wrong, 0, &draft.plan, &fd);
	guest_fails(wrong, 0, EINVAL, namespace_type, path, "a namespace of another type");
	close(fd);

	fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	join->type = CLONE_NEWUSER;
	guest_run(&own, 0, &draft.plan, &fd);
	is_string(own.said, "READY EOF", "the user namespace where it is already is no error");
	close(fd);

	fd = sys_pidfd_open(neighbour, 0);
	join->type = CLONE_NEWUTS | CLONE_NEWIPC;
	guest_run(&several, 0, &draft.plan, &fd);
	guest_prints(several, "neighbour\n", "several at once by a pidfd");
	close(fd);
	kill(neighbour, SIGKILL);
	waitpid(neighbour, NULL, 0);
}

static char seen_image[128];
static int seen_by_equal; /* what the other process got to see: 0, or its errno */

/* Looks at the guest as root, and as a process of the same user that has no capability either. */
static void look_at(struct guest *g)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	char path[64];
	ssize_t length;
	pid_t equal;

	snprintf(path, sizeof(path), "/proc/%d/exe", g->pid);
	length = readlink(path, seen_image, sizeof(seen_image) - 1);
	seen_image[length < 0 ? 0 : length] = '\0';
	equal = fork();
	if (equal == 0) {
		char image[128];

		if (syscall(SYS_capset, &header, none) < 0)
			_exit(255);
		_exit(readlink(path, image, sizeof(image)) < 0 ? errno : 0);
	}
	seen_by_equal = WEXITSTATUS(process_end(equal));
}

static void shield_test(void)
{
	struct guest g = {.at_hooks = look_at}, ready = {.at_ready = look_at};

	draft_born(&draft);
	DRAFT(&draft, capabilities);
	DRAFT(&draft, hooks);
	guest_run(&g, 0, draft_shell(&draft, "true"), NULL);
	is_string(
		g.said, "HOOKS READY EOF", "%s: a gate without privilege", image_names[image_now]);
	is_number(seen_by_equal, EACCES, "is hidden from its equals: CVE-2016-9962");
	guest_run(&ready, 0, &draft.plan, NULL);
	is_number(seen_by_equal, EACCES, "also while it waits");
	if (image_now == IMAGE_TINY)
		ok(strncmp(seen_image, "/memfd:", 7) == 0, "and runs the sealed image (%s)",
			seen_image);
}

struct orphans {
	pid_t guest;
	pid_t holder; /* holds the socket, so that no end of file tells of the host's death */
};

/* A host that waits for its own end while its guest waits for it. */
static void host_live(int report)
{
	struct wire_packet packet = {0};
	struct orphans orphans;
	struct guest g = {0};
	int hooks = 0;

	guest_start(&g, 0);
	orphans.guest = plan_steps(&draft.plan)[0].kind == STEP_birth ? g.pid : 0;
	wire_send_plan(&g.wire, &draft.plan, draft.plan.size, NULL, 0);
	while (!hooks || orphans.guest == 0) {
		wire_receive(&g.wire, &packet, NULL, 0);
		hooks |= packet.message == WIRE_HOOKS;
		if (packet.message == WIRE_HOPPED)
			orphans.guest = (pid_t)packet.number;
	}
	orphans.holder = fork();
	if (orphans.holder > 0 && write(report, &orphans, sizeof(orphans)) < 0)
		abort();
	for (;;)
		pause();
}

/* Whatever clears the signal of a parent's death in between, it is set again. */
static void orphan_test(int hop, int user)
{
	struct pollfd end = {.events = POLLIN};
	struct orphans orphans;
	int report[2];
	pid_t host;

	draft_begin(&draft);
	if (hop) {
		DRAFT(&draft, unshare)->types = CLONE_NEWPID;
		DRAFT(&draft, hop);
	}
	DRAFT(&draft, birth);
	if (user) {
		struct step_user *become = DRAFT(&draft, user);

		become->uid = become->gid = 1000;
	}
	DRAFT(&draft, hooks);
	draft_shell(&draft, "true");
	if (pipe(report) < 0)
		abort();
	host = fork();
	if (host == 0)
		host_live(report[1]);
	if (read(report[0], &orphans, sizeof(orphans)) != sizeof(orphans))
		abort();
	end.fd = sys_pidfd_open(orphans.guest, 0);
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	is_number(poll(&end, 1, 10000), 1, "%s: dies with its host%s%s", image_names[image_now],
		hop ? ", after a hop too" : "", user ? ", as another user too" : "");
	kill(orphans.holder, SIGKILL);
	close(end.fd);
	close(report[0]);
	close(report[1]);
}

int main(int argc, char **argv)
{
	if (nsexec_is_gate())
		return nsexec_main();
	if (argc > 1)
		return 127;
	for (image_now = 0; image_now < IMAGES; image_now++) {
		stranger_test();
		plan_test();
		hostname_test();
		user_test();
		time_test();
		join_test();
		shield_test();
		orphan_test(0, 0);
		orphan_test(1, 0);
		orphan_test(0, 1);
	}
	return tap_end();
}

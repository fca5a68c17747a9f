/*
 * Where gate and host, and later start, meet: READY, KEEP and START, the door, hooks, the seccomp
 * filter. From both images.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include "tests/gate/guest.h"

static struct draft draft;

static const char directory[] = "/tmp/gate-handover";

/* A listening socket as state/door.h makes it. */
static int door_listen(struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/door", directory);
	unlink(address->sun_path);
	if (bind(fd, (struct sockaddr *)address, sizeof(*address)) < 0 || listen(fd, 1) < 0)
		abort();
	return fd;
}

static int door_connect(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return fd;
	close(fd);
	return -errno;
}

/* A plan that waits at the door; its listener is the first slot, program what it runs then. */
static const struct plan *door_plan(const char *program_path)
{
	struct step_program *program;

	draft_born(&draft);
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, program_path, "-c", "echo runs");
	program->home_uid = -1;
	DRAFT(&draft, ready);
	DRAFT(&draft, door)->listener = draft_slot(&draft, SLOT_DOOR, "door");
	DRAFT(&draft, exec);
	return draft_end(&draft);
}

/* What a waiting gate has open, as "0 1 2 4". */
static void descriptors_list(pid_t pid, char *text, size_t size)
{
	char path[64];
	struct stat status;

	text[0] = '\0';
	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		if (lstat(path, &status) == 0)
			snprintf(text + strlen(text), size - strlen(text), " %d", fd);
	}
}

static void door_test(void)
{
	int leak = open("/", O_RDONLY | O_DIRECTORY), connection;
	struct guest g = {.keep = 1};
	struct wire_failure failure;
	struct sockaddr_un address;
	int listener = door_listen(&address);
	char open_now[256];

	guest_start(&g, 0);
	guest_talk(&g, door_plan("/bin/sh"), &listener);
	close(listener);
	is_string(g.said, "READY ALONE", "%s: kept, it says goodbye", image_names[image_now]);
	connection = door_connect(&address);
	ok(connection >= 0, "and waits at the door");
	is_number(recv(connection, &failure, sizeof(failure), 0), 0,
		"the door says nothing when the program runs");
	close(connection);
	guest_end(&g);
	guest_prints(g, "runs\n", "and it does");
	is_number(door_connect(&address), -ECONNREFUSED, "nobody gets in afterwards");

	struct guest idle = {.keep = 1};
	listener = door_listen(&address);
	guest_start(&idle, 0);
	guest_talk(&idle, door_plan("/bin/sh"), &listener);
	close(listener);
	descriptors_list(idle.pid, open_now, sizeof(open_now));
	ok(strncmp(open_now, " 0 1 2 ", 7) == 0 && strchr(open_now + 7, ' ') != NULL &&
			strchr(open_now + 7, ' ') == strrchr(open_now, ' '),
		"while it waits it has open the door and its end of the wire:%s", open_now);
	kill(idle.pid, SIGKILL);
	guest_end(&idle);
	is_number(door_connect(&address), -ECONNREFUSED, "a dead init refuses who comes");
	close(leak);
}

static void door_failure_test(void)
{
	struct wire_failure failure = {0};
	struct guest g = {.keep = 1};
	struct sockaddr_un address;
	int listener = door_listen(&address), connection;
	char program[64];

	snprintf(program, sizeof(program), "%s/program", directory);
	if (symlink("/bin/sh", program) < 0)
		abort();
	guest_start(&g, 0);
	guest_talk(&g, door_plan(program), &listener);
	close(listener);
	unlink(program);
	connection = door_connect(&address);
	is_number(recv(connection, &failure, sizeof(failure), 0), sizeof(failure),
		"%s: the door says why the program does not run", image_names[image_now]);
	ok(failure.step == 4 && failure.error == ENOENT && failure.call == WIRE_CALL_execute,
		"step, errno and call");
	is_string(failure.detail, program, "and which program");
	close(connection);
	guest_end(&g);
	is_number(WEXITSTATUS(g.status), 1, "and it ends");
}

static void silence_test(void)
{
	struct wire_packet packet;
	struct guest g = {0};

	draft_born(&draft);
	draft_shell(&draft, "echo runs");
	guest_start(&g, 0);
	wire_send_plan(&g.wire, &draft.plan, draft.plan.size, NULL, 0);
	wire_receive(&g.wire, &packet, NULL, 0);
	is_number(packet.message, WIRE_READY, "%s: ready,", image_names[image_now]);
	close(g.wire.fd);
	guest_end(&g);
	guest_prints(g, "", "and quiet when the host is gone");
	ok(WIFEXITED(g.status) && WEXITSTATUS(g.status) != 0, "nothing has run");
}

/* Adds a hook: sh -c command, with a time limit. */
static void hook_add(const char *command, int64_t timeout)
{
	struct step_hook *hook = DRAFT(&draft, hook);

	hook->path = draft_text(&draft, "/bin/sh");
	hook->args = DRAFT_LIST(&draft, "hook", "-c", command);
	hook->env = DRAFT_LIST(&draft, "PATH=/usr/bin:/bin", "WORD=set");
	hook->head = draft_text(&draft, "{\"pid\":");
	hook->tail = draft_text(&draft, "}");
	hook->timeout = timeout;
}

/* A guest whose only work is a hook. */
static struct guest hook_run(const char *command, int64_t timeout, uint64_t namespaces)
{
	struct guest g = {0};

	draft_born(&draft);
	hook_add(command, timeout);
	guest_run(&g, namespaces, draft_shell(&draft, "echo runs"), NULL);
	return g;
}

/* A host that is gone before the gate's birth: nothing more is done for it. */
static void early_silence_test(void)
{
	char command[128], path[64];
	struct guest g = {0};

	snprintf(path, sizeof(path), "%s/early", directory);
	snprintf(command, sizeof(command), "echo > %s", path);
	draft_born(&draft);
	hook_add(command, 0);
	draft_shell(&draft, "true");
	guest_start(&g, 0);
	wire_send_plan(&g.wire, &draft.plan, draft.plan.size, NULL, 0);
	close(g.wire.fd);
	guest_end(&g);
	ok(access(path, F_OK) < 0 && WIFEXITED(g.status),
		"%s: for a host that is gone before its birth it does nothing",
		image_names[image_now]);
	unlink(path);
}

/* The children of a hook that takes too long go with it. */
static void hook_timeout_test(void)
{
	char command[128], path[64], digits[32] = "";
	struct pollfd end = {.events = POLLIN};
	struct guest g;
	int fd;

	snprintf(path, sizeof(path), "%s/child", directory);
	snprintf(command, sizeof(command), "sleep 1000 & echo $! > %s; echo waiting; wait", path);
	g = hook_run(command, 1, 0);
	guest_fails(g, 1, ECANCELED, timed_out, "1 waiting\n", "a hook without end");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, digits, sizeof(digits) - 1) <= 0)
		abort();
	close(fd);
	unlink(path);
	end.fd = sys_pidfd_open(atoi(digits), 0);
	ok(end.fd < 0 || poll(&end, 1, 10000) == 1, "its child has ended with it");
	if (end.fd >= 0)
		sys_pidfd_send_signal(end.fd, SIGKILL, 0);
	close(end.fd);
}

static void hook_test(void)
{
	char command[256], path[64], text[1024] = "";
	int leak = open("/", O_RDONLY | O_DIRECTORY), fd;
	struct guest g;

	snprintf(path, sizeof(path), "%s/hook", directory);
	snprintf(
		command, sizeof(command), "(cat; echo \" $WORD $0\"; ls /proc/self/fd) > %s", path);
	unlink(path);
	g = hook_run(command, 0, CLONE_NEWPID);
	guest_prints(g, "runs\n", "after its hook the program runs");
	fd = open(path, O_RDONLY);
	ok(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "the hook has run");
	is_string(text, "{\"pid\":1} set hook\n0\n1\n2\n3\n",
		"with the state, its environment, its name, and nothing else open");
	close(fd);
	close(leak);
	unlink(path);

	g = hook_run("echo to stdout; echo to stderr >&2; exit 7", 0, CLONE_NEWPID);
	guest_fails(g, 1, ECANCELED, exited, "7 to stdout\nto stderr\n", "a hook that fails");
	g = hook_run("echo early; kill -9 $$", 0, CLONE_NEWPID);
	guest_fails(g, 1, ECANCELED, signaled, "9 early\n", "a hook that is killed");
	g = hook_run("seq 1 20000; echo end; exit 1", 0, CLONE_NEWPID);
	ok(g.failure.call == WIRE_CALL_exited && strlen(g.failure.detail) > 400 &&
			strstr(g.failure.detail, "\n20000\nend\n") != NULL,
		"of 100 KB of output the last is kept");
	g = hook_run("sleep 1000 >/dev/null 2>&1 & exit 0", 0, CLONE_NEWPID);
	guest_prints(g, "runs\n", "what a hook leaves behind is not waited for");
	g = hook_run("sleep 1000 & exit 0", 0, CLONE_NEWPID);
	guest_prints(g, "runs\n", "not even if it holds the hook's output");

	struct step_hook *hook;
	memset(&g, 0, sizeof(g));
	draft_born(&draft);
	hook = DRAFT(&draft, hook);
	hook->path = draft_text(&draft, "/nowhere");
	hook->head = hook->tail = draft_text(&draft, "");
	guest_run(&g, 0, draft_shell(&draft, "true"), NULL);
	guest_fails(g, 1, ENOENT, execute, "/nowhere", "a hook that is not there");
}

/* A filter under which uname fails with the given errno. */
static int filter_make(unsigned int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
			error == 0 ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int fd = memfd_create("filter", MFD_CLOEXEC);

	if (write(fd, filter, sizeof(filter)) != sizeof(filter))
		abort();
	return fd;
}

static void seccomp_test(void)
{
	struct guest g = {.with = {filter_make(E2BIG)}, .with_count = 1}, none = {0}, cut = g;
	struct step_program *program;

	draft_born(&draft);
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, "/bin/uname");
	program->home_uid = -1;
	DRAFT(&draft, ready);
	DRAFT(&draft, no_new_privs);
	DRAFT(&draft, seccomp);
	DRAFT(&draft, capabilities);
	DRAFT(&draft, exec);
	draft_end(&draft);
	guest_run(&g, 0, &draft.plan, NULL);
	ok(strstr(g.printed, "Argument list too long") != NULL,
		"%s: the filter that came with START is in force", image_names[image_now]);
	guest_run(&none, 0, &draft.plan, NULL);
	guest_fails(none, 4, EBADF, read, "", "a filter that did not come");
	if (ftruncate(cut.with[0], 12) < 0)
		abort();
	guest_run(&cut, 0, &draft.plan, NULL);
	guest_fails(cut, 4, EINVAL, read, "", "half a filter");
	close(cut.with[0]);
}

/* The agent's end: receives the notify descriptor and lets one uname fail with EXDEV. */
static void agent_live(int connection)
{
	char text[256] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec part = {text, sizeof(text) - 1};
	struct msghdr m = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct seccomp_notif request = {0};
	struct seccomp_notif_resp response = {.error = -EXDEV};
	int notify;

	if (recvmsg(connection, &m, 0) <= 0 || strcmp(text, "{\"pid\":4711,\"again\":4711}") != 0)
		_exit(1);
	memcpy(&notify, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(notify));
	if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
		_exit(2);
	response.id = request.id;
	_exit(ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? 3 : 0);
}

static void listener_test(void)
{
	int connection[2];
	struct guest g = {.with = {filter_make(0)}, .with_count = 2}, alone = g;
	struct step_seccomp *seccomp;
	struct step_program *program;
	pid_t agent;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, connection) < 0)
		abort();
	draft_born(&draft);
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, "/bin/uname");
	program->home_uid = -1;
	DRAFT(&draft, ready);
	seccomp = DRAFT(&draft, seccomp);
	seccomp->listener = draft_text(&draft, "/run/agent.sock");
	seccomp->state = DRAFT_LIST(&draft, "{\"pid\":", ",\"again\":", "}");
	DRAFT(&draft, exec);
	draft_end(&draft);
	agent = fork();
	if (agent == 0)
		agent_live(connection[1]);
	g.with[1] = connection[0];
	guest_run(&g, CLONE_NEWPID, &draft.plan, NULL);
	ok(strstr(g.printed, "Invalid cross-device link") != NULL,
		"%s: the listener decides about its system calls", image_names[image_now]);
	is_number(process_end(agent), 0, "after it got the descriptor and the state");
	alone.with_count = 1;
	guest_run(&alone, 0, &draft.plan, NULL);
	guest_fails(alone, 3, ENOTCONN, send, "/run/agent.sock", "a listener that nobody called");
	close(g.with[0]);
	close(connection[0]);
	close(connection[1]);
}

int main(int argc, char **argv)
{
	if (nsexec_is_gate())
		return nsexec_main();
	mkdir(directory, 0700);
	for (image_now = 0; image_now < IMAGES; image_now++) {
		door_test();
		door_failure_test();
		silence_test();
		early_silence_test();
		hook_test();
		hook_timeout_test();
		seccomp_test();
		listener_test();
	}
	unlink("/tmp/gate-handover/door");
	rmdir(directory);
	return tap_end();
}

/* Two real terminals with the relay between them, and the sockets by which a terminal travels. */
#include "runtime/console.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#include "nsexec/syscalls.h"
#include "runtime/terminal.h"
#include "tests/unit/state_place.h"

#define COOKED (ICANON | ECHO | ISIG)

/* A pair of ends; returns the master. */
static int terminal_open(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		exit(EXIT_FAILURE);
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return master;
}

static void size_set(int master, unsigned short rows, unsigned short columns)
{
	ioctl(master, TIOCSWINSZ, &(struct winsize){.ws_row = rows, .ws_col = columns});
}

static tcflag_t modes_of(int terminal)
{
	struct termios modes = {0};

	tcgetattr(terminal, &modes);
	return modes.c_lflag & COOKED;
}

/* In a child: a shell on a terminal of its own, as in a container. */
static pid_t shell_start(int inner, const char *script)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		ioctl(inner, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(inner, fd);
		execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(127);
	}
	return pid;
}

/* What `run` does in the foreground, between input and output and a shell. */
static int relay_between(int input, int output, const char *script)
{
	struct error err = {0};
	int inner, master = terminal_open(&inner), status;
	sigset_t blocked;
	pid_t pid;

	terminal_keep_newlines(master);
	pid = shell_start(inner, script);
	close(inner);
	dup2(input, 0);
	dup2(output, 1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	if (console_relay(master, sys_pidfd_open(pid, 0), &err) < 0)
		return 99;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A user at a terminal. */
struct session {
	int user, slave;
	pid_t relay;
	char seen[65536];
	size_t length;
	struct rusage spent; /* by the relay and what it reaped */
};

static void session_start(struct session *session, const char *script)
{
	session->length = 0;
	session->user = terminal_open(&session->slave);
	size_set(session->user, 33, 101);
	session->relay = fork();
	if (session->relay == 0) {
		signal(SIGINT, SIG_DFL); /* a shell ignores it for what runs in the background */
		alarm(30);
		setsid();
		ioctl(session->slave, TIOCSCTTY, 0);
		_exit(relay_between(session->slave, session->slave, script));
	}
}

/* Reads what the user sees until it holds text. */
static bool session_sees(struct session *session, const char *text)
{
	struct pollfd polled = {.fd = session->user, .events = POLLIN};
	ssize_t got = 1;

	session->seen[session->length] = '\0';
	while (got > 0 && strstr(session->seen, text) == NULL && poll(&polled, 1, 10000) > 0) {
		got = read(session->user, session->seen + session->length,
			sizeof(session->seen) - 1 - session->length);
		session->length += got > 0 ? (size_t)got : 0;
		session->seen[session->length] = '\0';
	}
	return strstr(session->seen, text) != NULL;
}

static void session_types(struct session *session, const char *text)
{
	if (write(session->user, text, strlen(text)) < 0)
		printf("# cannot type\n");
}

static int session_end(struct session *session)
{
	int status;

	wait4(session->relay, &status, 0, &session->spent);
	close(session->user);
	close(session->slave);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct session session;

static void test_dialogue(void)
{
	session_start(&session,
		"stty size; read x; echo got $x; trap 'stty size; exit 7' WINCH;"
		"echo ready; while :; do sleep 0.05; done");
	ok(session_sees(&session, "33 101"), "the inner terminal has the user's size");
	is_number(modes_of(session.slave), 0, "the user's is in raw mode");
	session_types(&session, "word\r");
	ok(session_sees(&session, "got word"), "what is typed arrives");
	session_sees(&session, "ready");
	size_set(session.user, 50, 60);
	kill(session.relay, SIGWINCH);
	ok(session_sees(&session, "50 60"), "a new size arrives, too");
	is_number(session_end(&session), 7, "the end is the program's");
}

static void test_restored(void)
{
	siginfo_t end;

	session_start(&session, "echo ready; read x");
	session_sees(&session, "ready");
	session_types(&session, "\003");
	waitid(P_PID, (id_t)session.relay, &end, WEXITED | WNOWAIT);
	is_number(modes_of(session.slave), COOKED, "the user's terminal is as it was");
	is_number(session_end(&session), 130, "Ctrl-C came from the inner terminal");
}

static void test_signal(void)
{
	session_start(&session,
		"trap 'echo term; exit 9' TERM; echo ready; while :; do sleep 0.05;"
		"done");
	session_sees(&session, "ready");
	kill(session.relay, SIGTERM);
	ok(session_sees(&session, "term"), "a blocked signal is forwarded");
	is_number(session_end(&session), 9, "to the program");
}

/* The last bytes of a program that ends at once are still in the terminal. */
static void test_tail(void)
{
	int whole = 0;

	for (int i = 0; i < 20; i++) {
		session_start(&session, "seq 1 2000; printf 'the end.'");
		whole += session_sees(&session, "\r\n2000\r\nthe end.");
		session_end(&session);
	}
	is_number(whole, 20, "the tail of the output arrives");
}

/* Programs may close the terminal and open it again. */
static void test_reopened(void)
{
	session_start(&session, "t=$(tty); exec <&- >&- 2>&-; sleep 1; exec >$t; echo again");
	ok(session_sees(&session, "again"), "a terminal that nobody holds for a while goes on");
	session_end(&session);
	ok(session.spent.ru_utime.tv_sec + session.spent.ru_stime.tv_sec == 0 &&
			session.spent.ru_utime.tv_usec + session.spent.ru_stime.tv_usec < 500000,
		"and the relay waits for that instead of asking again and again");
}

static int relay_piped(void *context)
{
	int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], "exit_is=5\n", 10) != 10)
		return 98;
	close(ends[1]);
	alarm(20);
	return relay_between(ends[0], null, "while read x; do eval $x; done; exit $exit_is");
}

static int server_start(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		printf("# no server at %s\n", path);
	return fd;
}

static void test_connect(void)
{
	char path[128], deep[512];
	struct error err = {0};
	int listener, fd;

	snprintf(path, sizeof(path), "%s/sock", place);
	listener = server_start(path);
	snprintf(deep, sizeof(deep), "%s/%0100d/%0100d/sock", place, 0, 0);
	place_shell("mkdir -p %0100d/%0100d && mv sock %s", 0, 0, deep);
	fd = console_connect(deep, &err);
	ok(fd >= 0, "a socket with a path of %zu bytes is reached: %s", strlen(deep), err.message);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	close(fd);
	close(listener);
	is_number(console_connect(deep, &err), -ECONNREFUSED, "one that nobody serves is refused");
	is_number(err.code, ERROR_CONSOLE, "which is an error of the console");
}

static void descriptor_send(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS,
			     .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec data = {"/dev/ptmx", 9};
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) < 0)
		printf("# cannot send\n");
}

static void test_receive(void)
{
	struct winsize size = {0};
	struct error err = {0};
	int ours, theirs, slave, master = terminal_open(&slave), received;

	console_pair(&ours, &theirs, &err);
	descriptor_send(theirs, master);
	received = console_receive(ours, &err);
	size_set(received, 12, 34);
	ok(ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 12,
		"the master that was sent is the one received");
	ok(fcntl(received, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	ok(write(theirs, "x", 1) == 1 && console_receive(ours, &err) == -ENODATA,
		"a message without a descriptor is an error");
	close(theirs);
	error_clear(&err);
	alarm(5);
	ok(console_receive(ours, &err) < 0 && err.code == ERROR_CONSOLE,
		"so is a dead sender, at once");
	alarm(0);
	close(ours);
	close(received);
	close(master);
	close(slave);
}

int main(void)
{
	place_make();
	test_dialogue();
	test_restored();
	test_signal();
	test_tail();
	test_reopened();
	is_number(in_child(relay_piped, NULL), 5, "input that ends, ends the program's input");
	test_connect();
	test_receive();
	place_remove();
	return tap_end();
}

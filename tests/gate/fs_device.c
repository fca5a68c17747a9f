/* Devices, links and the console in a /dev that the image has bent. */
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "tests/gate/scene.h"

static struct step_device node(const char *path)
{
	return (struct step_device){
		.path = text(path), .type = S_IFCHR, .major = 1, .minor = 3, .mode = 0666};
}

static int made(struct step_device s)
{
	gate.detail[0] = '\0';
	return gate_device(&gate, &s);
}

static bool is_null(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void test_nodes(void)
{
	struct step_device s = node("/dev/null");
	struct stat st;

	is_number(made(s), 0, "a node in a missing /dev");
	ok(is_null(ROOT "/dev/null"), "is the node");
	is_number(file_mode(ROOT "/dev/null"), S_IFCHR | 0666, "with its mode");
	is_number(made(s), 0, "the same node again is fine");
	s = node("/dev/owned");
	s.mode = 0640;
	s.uid = 12;
	s.gid = 34;
	ok(made(s) == 0 && lstat(ROOT "/dev/owned", &st) == 0 && st.st_uid == 12 &&
			st.st_gid == 34 && st.st_mode == (S_IFCHR | 0640),
		"a node with an owner");
	s = node("/opt/deep/pipe");
	s.type = S_IFIFO;
	ok(made(s) == 0 && S_ISFIFO(file_mode(ROOT "/opt/deep/pipe")), "a pipe outside /dev");
	is_number(made(s), 0, "the same pipe again is fine");
	s = node("/dev/block");
	s.type = S_IFBLK;
	s.major = 7;
	s.minor = 300;
	ok(made(s) == 0 && lstat(ROOT "/dev/block", &st) == 0 && st.st_rdev == makedev(7, 300),
		"a block device");
	is_number(made(node("/dev/")), -EINVAL, "a path without a name fails");
	is_number(made(node("/dev/..")), -EINVAL, "and so does \"..\"");
}

static void test_occupied(void)
{
	struct step_device s = node("/dev/zero");

	file_write(ROOT "/dev/zero", "image");
	is_number(made(s), -EEXIST, "a file where a node should be fails");
	is_number(gate.call, WIRE_CALL_exists, "as that");
	is_string(file_read(ROOT "/dev/zero"), "image", "and stays as it is");
	unlink(ROOT "/dev/zero");
	mknod(ROOT "/dev/zero", S_IFCHR | 0600, makedev(1, 5));
	is_number(made(s), -EEXIST, "another node fails too");
	unlink(ROOT "/dev/zero");
	link_make_at(ROOT "/dev/zero", "null");
	is_number(made(s), -EEXIST, "and a link, even to the right node");
	unlink(ROOT "/dev/zero");
	link_make_at(ROOT "/dev/zero", OUTSIDE "/node");
	is_number(made(s), -EEXIST, "and a link out of the root");
	s.type = S_IFIFO;
	is_number(made(s), -EEXIST, "for a pipe as well");
	ok(outside_untouched(), "nothing was made outside");
	unlink(ROOT "/dev/zero");
}

static void test_bind(void)
{
	struct step_device s = node("/dev/bound/../null2");

	s.bind = 1;
	is_number(made(s), -ENOENT, "a bound node that the host does not have fails");
	s.path = text("/dev/null");
	unlink(ROOT "/dev/null");
	ok(made(s) == 0 && is_null(ROOT "/dev/null") && mount_line(ROOT "/dev/null") != NULL,
		"a bound node is the host's");
	s.minor = 5;
	is_number(made(s), -ENODEV, "which has to be the one that is asked for");
	umount2(ROOT "/dev/null", MNT_DETACH);
	unlink(ROOT "/dev/null");
	link_make_at(ROOT "/dev/null", OUTSIDE "/file");
	s.minor = 3;
	made(s);
	ok(outside_untouched(), "a link in its place does not lead out");
	umount2(ROOT OUTSIDE "/file", MNT_DETACH);
	unlink(ROOT "/dev/null");
}

static int linked(const char *path, const char *target)
{
	struct step_symlink s = {.path = text(path), .target = text(target)};

	return gate_symlink(&gate, &s);
}

static void test_links(void)
{
	char target[64] = "";

	is_number(linked("/dev/fd", "/proc/self/fd"), 0, "a link");
	ok(readlink(ROOT "/dev/fd", target, sizeof(target)) == 13, "has its text");
	is_string(target, "/proc/self/fd", "as it is");
	file_write(ROOT "/dev/stdin", "image");
	is_number(linked("/dev/stdin", "/proc/self/fd/0"), 0, "a link where a file is");
	is_string(file_read(ROOT "/dev/stdin"), "image", "leaves the file");
}

/* CVE-2026-41579, CVE-2026-47766: everything that is made in /dev, when /dev is a link. */
static void test_bent_directory(const char *target)
{
	tree_remove(ROOT "/dev");
	link_make_at(ROOT "/dev", target);
	gate = gate_at(ROOT);
	made(node("/dev/null"));
	made(node("/dev/sub/null"));
	linked("/dev/ptmx", "pts/ptmx");
	ok(outside_untouched(), "nothing is made outside when /dev is a link to %s", target);
	ok(is_null(ROOT OUTSIDE "/null"), "but in that directory of the root");
	tree_remove(ROOT OUTSIDE);
	unlink(ROOT "/dev");
}

/* Receives the master of a terminal and the name that comes with it. */
static int master_receive(int socket, char *name, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = {.iov_base = name, .iov_len = size - 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = -1;

	if (length < 0 || header == NULL)
		return -1;
	name[length] = '\0';
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

static int pair[2];

static int console_set(uint32_t rows, uint32_t columns)
{
	struct step_console s = {.socket = 0, .rows = rows, .columns = columns, .uid = 77};

	gate = gate_at(ROOT);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	gate.fds[0] = pair[1];
	gate.fd_count = 1;
	return gate_console(&gate, &s);
}

static void devpts_make(void)
{
	mkdir(ROOT "/dev", 0755);
	mkdir(ROOT "/dev/pts", 0755);
	mount("devpts", ROOT "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620");
}

/* In a child: the streams become the terminal's, so that TAP goes another way. */
static void console_part(void)
{
	int tap_out = dup(STDOUT_FILENO), result, master;
	char name[64] = "", echo[16] = "";
	ssize_t written;
	struct winsize size = {0};
	struct stat st = {0};
	pid_t session;

	setsid();
	result = console_set(25, 80);
	session = tcgetsid(0);
	fstat(0, &st);
	written = write(STDOUT_FILENO, "hello", 5);
	dup2(tap_out, STDOUT_FILENO);
	dup2(tap_out, STDERR_FILENO);
	is_number(result, 0, "a console");
	master = master_receive(pair[0], name, sizeof(name));
	ok(master >= 0, "its master arrives");
	is_string(name, "/dev/pts/0", "with the slave's name");
	ok(written == 5 && read(master, echo, sizeof(echo) - 1) == 5 && strcmp(echo, "hello") == 0,
		"what is written to stdout comes out of it");
	ok(ioctl(master, TIOCGWINSZ, &size) == 0 && size.ws_row == 25 && size.ws_col == 80,
		"the window has its size");
	is_number(st.st_uid, 77, "the slave belongs to the user");
	is_number(session, getpid(), "it is the session's terminal");
	ok(mount_shows(ROOT "/dev/console", " /0 ") && mount_shows(ROOT "/dev/console", "devpts"),
		"it is bound on /dev/console");
	ok(gate.fds[0] == -1, "the socket is closed");
}

static void bent_console_part(void)
{
	int tap_out = dup(STDOUT_FILENO), result;

	setsid();
	link_make_at(ROOT "/dev/console", OUTSIDE "/console");
	result = console_set(0, 0);
	dup2(tap_out, STDOUT_FILENO);
	is_number(result, -ELOOP, "a console on a link is refused");
	ok(outside_untouched(), "and nothing is made where it leads");
	unlink(ROOT "/dev/console");
	umount2(ROOT "/dev/pts", MNT_DETACH);
	mknod(ROOT "/dev/pts/ptmx", S_IFCHR | 0666, makedev(5, 2));
	is_number(console_set(0, 0), -ENODEV, "a /dev/pts that is no devpts is refused");
	is_string(gate.detail, "/dev/pts", "by name");
	unlink(ROOT "/dev/pts/ptmx");
	tree_remove(ROOT "/dev/pts");
	link_make_at(ROOT "/dev/pts", "/other");
	ok(console_set(0, 0) < 0, "and one that is a link to nothing");
}

int main(void)
{
	scene_enter();
	gate = gate_at(ROOT);
	test_nodes();
	test_occupied();
	test_bind();
	test_links();
	mkdir(ROOT "/mnt", 0755);
	test_bent_directory(OUTSIDE);
	test_bent_directory("../../../mnt/outside");
	devpts_make();
	in_child(console_part);
	umount2(ROOT "/dev/console", MNT_DETACH);
	unlink(ROOT "/dev/console");
	in_child(bent_console_part);
	return tap_end();
}

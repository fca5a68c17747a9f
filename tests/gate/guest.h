/*
 * A real gate and the host's end of its wire. A guest is started from one of the two images, gets a
 * plan, is answered as the runtime would answer, and what it said and printed can be looked at.
 *
 * A test's main begins with `if (nsexec_is_gate()) return nsexec_main();`: then the test itself is
 * the second image, as mydocker is where memfds may not be executed.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nsexec/nsexec.h"
#include "nsexec/syscalls.h"
#include "nsexec/wire.h"
#include "tests/gate/draft.h"
#include "tests/unit/tap.h"

#define GUEST_PID 4711 /* what guests are told that their pid is */

struct guest {
	struct wire wire;
	pid_t pid;      /* of the process that was started, our child */
	pid_t hopped;   /* of the one that goes on after a hop, our child too; 0 none */
	int output;     /* its stdout and stderr */
	int status;     /* of the last one, once it has ended */
	char said[128]; /* the messages' names, with blanks between */
	char printed[8192];
	struct wire_failure failure;
	/* how the host answers; zero: START without anything */
	const char *uid_map, *gid_map, *offsets;
	int hops;    /* there will be a HOPPED */
	int keep;    /* KEEP instead of START */
	int with[2]; /* descriptors sent along with it */
	uint32_t with_count;
	void (*at_hooks)(struct guest *); /* called before GO */
	void (*at_ready)(struct guest *); /* called before KEEP or START */
};

enum image { IMAGE_TINY, IMAGE_SELF, IMAGES };

static const char *const image_names[IMAGES] = {"tiny image", "own image"};
static enum image image_now; /* the one that guests are started from */

/* Opens an image as the runtime does: the embedded one in a sealed memfd, or ourselves. */
static int image_descriptor(void)
{
	size_t length = (size_t)(nsexec_image_end - nsexec_image);
	int fd;

	if (image_now == IMAGE_SELF)
		return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	fd = (int)syscall(SYS_memfd_create, "nsexec", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("nsexec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, nsexec_image, length) != (ssize_t)length)
		abort();
	fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	return fd;
}

/*
 * Starts an image; its name is prefix, the socket's number, suffix. An argument tells our own image
 * that it is not to run the tests once more.
 */
static void guest_start_named(struct guest *g, uint64_t namespaces, const char *prefix,
	const char *suffix, const char *argument)
{
	struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
	int image = image_descriptor(), sockets[2], output[2];
	char name[64];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0 ||
		pipe2(output, O_CLOEXEC) < 0)
		abort();
	snprintf(name, sizeof(name), "%s%d%s", prefix, sockets[1], suffix);
	g->pid = sys_clone3(&args);
	if (g->pid == 0) {
		char *argv[] = {name, (char *)argument, NULL};
		char *envp[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};

		dup2(output[1], 1);
		dup2(output[1], 2);
		fcntl(sockets[1], F_SETFD, 0);
		syscall(SYS_execveat, image, "", argv, envp, AT_EMPTY_PATH);
		_exit(126);
	}
	close(image);
	close(sockets[1]);
	close(output[1]);
	g->wire = (struct wire){.fd = sockets[0], .end = WIRE_HOST, .state = WIRE_BORN};
	g->output = output[0];
	g->status = -1;
}

static void guest_start(struct guest *g, uint64_t namespaces)
{
	guest_start_named(g, namespaces, WIRE_GATE_NAME, "", NULL);
}

/* Writes a file of the guest's /proc directory. */
__attribute__((unused)) static void guest_write(struct guest *g, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", g->hopped > 0 ? g->hopped : g->pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static void guest_answer(struct guest *g, enum wire_message message)
{
	struct wire_packet packet;

	/* READY may overtake the HOPPED that says who is ready. */
	if (message == WIRE_READY && g->hops && g->hopped == 0 &&
		wire_receive(&g->wire, &packet, NULL, 0) == 0 && packet.message == WIRE_HOPPED) {
		strcat(g->said, " HOPPED");
		g->hopped = (pid_t)packet.number;
	}
	if (message == WIRE_MAP) {
		if (g->uid_map != NULL)
			guest_write(g, "uid_map", g->uid_map);
		if (g->gid_map != NULL)
			guest_write(g, "gid_map", g->gid_map);
		if (g->offsets != NULL)
			guest_write(g, "timens_offsets", g->offsets);
		wire_send(&g->wire, WIRE_MAPPED, NULL, 0);
	} else if (message == WIRE_HOOKS) {
		if (g->at_hooks != NULL)
			g->at_hooks(g);
		wire_send(&g->wire, WIRE_GO, NULL, 0);
	} else if (message == WIRE_READY) {
		if (g->at_ready != NULL)
			g->at_ready(g);
		wire_send_release(&g->wire, g->keep ? WIRE_KEEP : WIRE_START, GUEST_PID, g->with,
			g->with_count);
	}
}

/* Waits for a process to end, ten seconds at most; its wait status, or -1. */
static int process_end(pid_t pid)
{
	struct pollfd end = {.fd = sys_pidfd_open(pid, 0), .events = POLLIN};
	int status = -1;

	if (poll(&end, 1, 10000) == 1)
		waitpid(pid, &status, 0);
	else
		kill(pid, SIGKILL);
	close(end.fd);
	return status;
}

/* Sends the plan and answers until the end of file or a goodbye, or until nothing is heard for ten
 * seconds. */
static void guest_talk(struct guest *g, const struct plan *p, const int *fds)
{
	struct timeval patience = {.tv_sec = 10};
	struct wire_packet packet;

	setsockopt(g->wire.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	wire_send_plan(&g->wire, p, p->size, fds, p->slot_count);
	do {
		if (wire_receive(&g->wire, &packet, NULL, 0) < 0) {
			strcat(g->said, " (nothing)");
			kill(g->pid, SIGKILL);
			break;
		}
		strcat(g->said, g->said[0] == '\0' ? "" : " ");
		strcat(g->said, wire_message_name(packet.message));
		if (packet.message == WIRE_HOPPED)
			g->hopped = (pid_t)packet.number;
		if (packet.message == WIRE_FAIL)
			g->failure = packet.failure;
		guest_answer(g, packet.message);
	} while (packet.message != WIRE_EOF && packet.message != WIRE_ALONE);
	close(g->wire.fd);
}

/* Reads what it printed and waits for its end. */
static void guest_end(struct guest *g)
{
	size_t used = 0;
	ssize_t got;

	while ((got = read(g->output, g->printed + used, sizeof(g->printed) - 1 - used)) > 0)
		used += (size_t)got;
	g->printed[used] = '\0';
	close(g->output);
	g->status = process_end(g->pid);
	if (g->hopped > 0)
		g->status = process_end(g->hopped);
}

/* All of it. */
__attribute__((unused)) static void guest_run(
	struct guest *g, uint64_t namespaces, const struct plan *p, const int *fds)
{
	guest_start(g, namespaces);
	guest_talk(g, p, fds);
	guest_end(g);
}

/* Ends a plan with the steps that run a program. */
static const struct plan *draft_program(struct draft *d, const char *const *args)
{
	struct step_program *program = DRAFT(d, program);

	program->args = draft_list(d, args);
	program->env = DRAFT_LIST(d, "PATH=/nowhere", "PATH=:/usr/bin:/bin:/usr/sbin:/sbin");
	program->home_uid = -1;
	DRAFT(d, ready);
	DRAFT(d, exec);
	return draft_end(d);
}
#define DRAFT_PROGRAM(d, ...) draft_program((d), (const char *const[]){__VA_ARGS__, NULL})

__attribute__((unused)) static const struct plan *draft_shell(struct draft *d, const char *command)
{
	return DRAFT_PROGRAM(d, "/bin/sh", "-c", command);
}

/* A draft whose constructor has nothing to do. */
__attribute__((unused)) static void draft_born(struct draft *d)
{
	draft_begin(d);
	DRAFT(d, birth);
}

/* Did it run, say these messages and print exactly this? */
#define guest_prints(g, text, sentence) \
	do { \
		is_string((g).printed, (text), "%s: %s", image_names[image_now], (sentence)); \
		if ((g).failure.error != 0) \
			printf("# failed: step %u, errno %d, call %u, %s\n", (g).failure.step, \
				(g).failure.error, (g).failure.call, (g).failure.detail); \
	} while (0)

/* Did this step fail, so, about this? */
#define guest_fails(g, where, number, what, about, sentence) \
	do { \
		ok((g).failure.step == (where) && (g).failure.error == (number) && \
				(g).failure.call == WIRE_CALL_##what, \
			"%s: %s", image_names[image_now], (sentence)); \
		is_string((g).failure.detail, (about), "and says about what"); \
		if ((g).failure.step != (where) || (g).failure.error != (number) || \
			(g).failure.call != WIRE_CALL_##what) \
			printf("# step %u, errno %d, call %u, said %s, printed %s\n", \
				(g).failure.step, (g).failure.error, (g).failure.call, (g).said, \
				(g).printed); \
	} while (0)

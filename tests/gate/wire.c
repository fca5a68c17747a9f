/*
 * The wire, both ends over a real socketpair: the whole grammar, and messages that no honest end
 * would send.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/wire.h"
#include "tests/unit/tap.h"

/* The grammar once more, as a person would say it. What is not here is forbidden. */
static const struct {
	enum wire_state state;
	enum wire_end sender;
	enum wire_message message;
	enum wire_state next;
} allowed[] = {
	{WIRE_BORN, WIRE_HOST, WIRE_PLAN, WIRE_BUILDING},
	{WIRE_BORN, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_BUILDING, WIRE_GATE, WIRE_MAP, WIRE_MAPPING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_HOPPED, WIRE_BUILDING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_HOOKS, WIRE_HOOKING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_READY, WIRE_WAITING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_MAPPING, WIRE_HOST, WIRE_MAPPED, WIRE_BUILDING},
	{WIRE_MAPPING, WIRE_GATE, WIRE_HOPPED, WIRE_MAPPING},
	{WIRE_MAPPING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_HOOKING, WIRE_HOST, WIRE_GO, WIRE_BUILDING},
	{WIRE_HOOKING, WIRE_GATE, WIRE_HOPPED, WIRE_HOOKING},
	{WIRE_HOOKING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_WAITING, WIRE_HOST, WIRE_KEEP, WIRE_KEPT},
	{WIRE_KEPT, WIRE_GATE, WIRE_ALONE, WIRE_ENDED},
	{WIRE_WAITING, WIRE_HOST, WIRE_START, WIRE_STARTED},
	{WIRE_WAITING, WIRE_GATE, WIRE_HOPPED, WIRE_WAITING},
	{WIRE_WAITING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_KEPT, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_STARTED, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_FAILED, WIRE_GATE, WIRE_HOPPED, WIRE_FAILED},
};
#define ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

static enum wire_state expected(enum wire_state state, enum wire_end sender, enum wire_message m)
{
	if (m == WIRE_EOF)
		return WIRE_ENDED;
	for (size_t i = 0; i < ALLOWED; i++)
		if (allowed[i].state == state && allowed[i].sender == sender &&
			allowed[i].message == m)
			return allowed[i].next;
	return WIRE_STATES;
}

/* Two connected ends in the same state; ends[WIRE_HOST], ends[WIRE_GATE]. */
static void ends_open(struct wire ends[2], enum wire_state state)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	for (int i = 0; i < 2; i++)
		ends[i] = (struct wire){.fd = fds[i], .end = (enum wire_end)i, .state = state};
}

static void ends_close(struct wire ends[2])
{
	close(ends[0].fd);
	close(ends[1].fd);
}

static unsigned int descriptors_count(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What is on the wire: a test may say what the functions refuse to. */
struct raw {
	uint32_t message, in_memfd;
	int64_t number;
};

static void raw_send(int fd, const void *bytes, size_t length, const int *fds, uint32_t count)
{
	char control[CMSG_SPACE(128 * sizeof(int))] = {0};
	struct iovec part = {(void *)bytes, length};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (count > 0) {
		m.msg_control = control;
		m.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	if (sendmsg(fd, &m, 0) < 0)
		abort();
}

/* Says a message the proper way. */
static int say(struct wire *wire, enum wire_message message)
{
	struct wire_failure failure = {.step = 3, .error = ENOENT, .call = 1, .detail = "path"};

	switch (message) {
	case WIRE_PLAN:
		return wire_send_plan(wire, "plan", 4, NULL, 0);
	case WIRE_HOPPED:
		return wire_send_pid(wire, 4711);
	case WIRE_FAIL:
		return wire_send_failure(wire, &failure);
	default:
		return wire_send(wire, message, NULL, 0);
	}
}

/* One state, sender and message over a real pair, honestly and by force; true when all is as
 * written. */
static int triple_holds(enum wire_state state, enum wire_end sender, enum wire_message message)
{
	enum wire_state next = expected(state, sender, message);
	struct raw raw = {.message = message};
	struct wire_packet packet;
	struct wire ends[2];
	char buffer[16];
	int good = wire_next(state, sender, message) == next;

	ends_open(ends, state);
	if (next != WIRE_STATES && message != WIRE_EOF) {
		good &= say(&ends[sender], message) == 0 && ends[sender].state == next;
		good &= wire_receive(&ends[!sender], &packet, buffer, sizeof(buffer)) == 0;
		good &= packet.message == message && ends[!sender].state == next;
	} else {
		good &= say(&ends[sender], message) == -EPROTO && ends[sender].state == state;
		good &= recv(ends[!sender].fd, buffer, sizeof(buffer), MSG_DONTWAIT) < 0;
		raw_send(ends[sender].fd, &raw, sizeof(raw), NULL, 0);
		good &= wire_receive(&ends[!sender], &packet, buffer, sizeof(buffer)) == -EPROTO;
		good &= ends[!sender].state == state;
	}
	ends_close(ends);
	if (!good)
		printf("# state %d, %s says %s\n", state, sender == WIRE_HOST ? "host" : "gate",
			wire_message_name(message));
	return good;
}

static void grammar_test(void)
{
	unsigned int wrong = 0, count = 0;

	for (int state = 0; state < WIRE_STATES; state++)
		for (int sender = 0; sender < 2; sender++)
			for (int message = 0; message < WIRE_MESSAGES; message++, count++)
				wrong += !triple_holds((enum wire_state)state,
					(enum wire_end)sender, (enum wire_message)message);
	is_number(wrong, 0, "all %u of state, sender, message are as written, at both ends", count);
	is_number(wire_next(WIRE_STATES, WIRE_HOST, WIRE_PLAN), WIRE_STATES, "there is no more");
}

static void content_test(void)
{
	struct wire_packet packet;
	struct wire ends[2];

	ends_open(ends, WIRE_BUILDING);
	say(&ends[WIRE_GATE], WIRE_HOPPED);
	wire_receive(&ends[WIRE_HOST], &packet, NULL, 0);
	is_number(packet.number, 4711, "HOPPED brings the pid");
	say(&ends[WIRE_GATE], WIRE_FAIL);
	wire_receive(&ends[WIRE_HOST], &packet, NULL, 0);
	ok(packet.failure.step == 3 && packet.failure.error == ENOENT && packet.failure.call == 1,
		"FAIL brings its numbers");
	is_string(packet.failure.detail, "path", "and its detail");
	ends_close(ends);
}

/* Sends a plan of size bytes with one descriptor and looks at what arrives. */
static void plan_test(uint32_t size, const char *how)
{
	static char plan_bytes[3 * WIRE_INLINE], buffer[WIRE_INLINE];
	int slot = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct wire_packet packet;
	struct wire ends[2];
	const char *arrived = buffer;
	struct stat sent, got;

	for (uint32_t i = 0; i < size; i++)
		plan_bytes[i] = (char)(i * 7);
	ends_open(ends, WIRE_BORN);
	is_number(
		wire_send_plan(&ends[WIRE_HOST], plan_bytes, size, &slot, 1), 0, "a plan %s", how);
	is_number(wire_receive(&ends[WIRE_GATE], &packet, buffer, sizeof(buffer)), 0, "arrives");
	if (packet.length == 0) {
		char *whole = malloc(size);

		is_number(pread(packet.fds[0], whole, size, 0), size, "in a memfd, whole");
		ok(write(packet.fds[0], "x", 1) < 0 && errno == EPERM, "that nobody can change");
		ok(memcmp(whole, plan_bytes, size) == 0, "with the same bytes");
		free(whole);
	} else {
		ok(packet.length == size && memcmp(arrived, plan_bytes, size) == 0,
			"with the same bytes");
	}
	fstat(slot, &sent);
	fstat(packet.fds[packet.fd_count - 1], &got);
	ok(sent.st_ino == got.st_ino && sent.st_rdev == got.st_rdev, "its slot's file comes last");
	ok(fcntl(packet.fds[packet.fd_count - 1], F_GETFD) == FD_CLOEXEC, "close-on-exec");
	for (uint32_t i = 0; i < packet.fd_count; i++)
		close(packet.fds[i]);
	close(slot);
	ends_close(ends);
}

/* Sends raw bytes to a new gate; true when it refuses them and keeps no descriptor. */
static int gate_refuses(const void *bytes, size_t length, uint32_t descriptors)
{
	unsigned int before = descriptors_count();
	struct wire_packet packet;
	struct wire ends[2];
	int fds[128] = {0};
	char buffer[64];
	int good;

	ends_open(ends, WIRE_BORN);
	raw_send(ends[WIRE_HOST].fd, bytes, length, fds, descriptors);
	good = wire_receive(&ends[WIRE_GATE], &packet, buffer, sizeof(buffer)) == -EPROTO;
	good &= packet.fd_count == 0 && ends[WIRE_GATE].state == WIRE_BORN;
	ends_close(ends);
	return good && descriptors_count() == before;
}

static void malice_test(void)
{
	struct {
		struct raw raw;
		char body[256];
	} plan_message = {.raw = {.message = WIRE_PLAN}}, other = {.raw = {.message = 0x10000}};
	struct raw memfd = {.message = WIRE_PLAN, .in_memfd = 1};

	ok(gate_refuses("x", 1, 0), "a single byte");
	ok(gate_refuses(&plan_message, sizeof(struct raw) - 1, 1), "half a header");
	ok(gate_refuses(&plan_message, sizeof(struct raw), 1), "a plan without bytes");
	ok(gate_refuses(&memfd, sizeof(memfd), 0), "a plan in a memfd that is not there");
	ok(gate_refuses(&plan_message, sizeof(plan_message), 0), "a plan that exceeds the buffer");
	ok(gate_refuses(&plan_message, sizeof(struct raw) + 8, 65), "a flood of descriptors");
	ok(gate_refuses(&plan_message, sizeof(struct raw) + 8, 128), "a larger one");
	ok(gate_refuses(&other, sizeof(struct raw), 2), "a message of an unknown kind");
}

static void host_malice_test(void)
{
	struct {
		struct raw raw;
		struct wire_failure failure;
		char more;
	} fail = {.raw = {.message = WIRE_FAIL}}, ready = {.raw = {.message = WIRE_READY}};
	struct wire_packet packet;
	struct wire ends[2];

	ends_open(ends, WIRE_BUILDING);
	memset(fail.failure.detail, 'x', sizeof(fail.failure.detail));
	raw_send(ends[WIRE_GATE].fd, &fail, sizeof(struct raw) + 8, NULL, 0);
	is_number(wire_receive(&ends[WIRE_HOST], &packet, NULL, 0), -EPROTO, "half a failure");
	raw_send(ends[WIRE_GATE].fd, &fail, sizeof(fail), NULL, 0);
	is_number(wire_receive(&ends[WIRE_HOST], &packet, NULL, 0), -EPROTO, "too much of one");
	raw_send(ends[WIRE_GATE].fd, &ready, sizeof(struct raw) + 8, NULL, 0);
	is_number(wire_receive(&ends[WIRE_HOST], &packet, NULL, 0), -EPROTO, "READY with a body");
	raw_send(ends[WIRE_GATE].fd, &fail, sizeof(struct raw) + sizeof(struct wire_failure), NULL,
		0);
	is_number(wire_receive(&ends[WIRE_HOST], &packet, NULL, 0), 0, "a failure without an end");
	is_number(strlen(packet.failure.detail), WIRE_DETAIL - 1, "gets one");
	ends_close(ends);
}

static void end_test(void)
{
	struct wire_packet packet;
	struct wire ends[2];

	ends_open(ends, WIRE_BUILDING);
	close(ends[WIRE_HOST].fd);
	is_number(
		wire_send(&ends[WIRE_GATE], WIRE_READY, NULL, 0), -EPIPE, "nobody listens: EPIPE");
	is_number(wire_receive(&ends[WIRE_GATE], &packet, NULL, 0), 0, "nobody speaks:");
	is_number(packet.message, WIRE_EOF, "the end of file");
	is_number(ends[WIRE_GATE].state, WIRE_ENDED, "and of the conversation");
	close(ends[WIRE_GATE].fd);

	/* A gate that fails and dies while GO is on its way: what it said must not get lost. */
	ends_open(ends, WIRE_HOOKING);
	say(&ends[WIRE_HOST], WIRE_GO);
	say(&ends[WIRE_GATE], WIRE_FAIL);
	close(ends[WIRE_GATE].fd);
	is_number(wire_receive(&ends[WIRE_HOST], &packet, NULL, 0), 0, "last words are heard");
	is_number(packet.message, WIRE_FAIL, "though the other end was reset");
	close(ends[WIRE_HOST].fd);
}

int main(void)
{
	grammar_test();
	content_test();
	plan_test(WIRE_INLINE, "of the largest inline size");
	plan_test(WIRE_INLINE + 1, "of a byte more");
	plan_test(3 * WIRE_INLINE, "of three times that");
	malice_test();
	host_malice_test();
	end_test();
	return tap_end();
}

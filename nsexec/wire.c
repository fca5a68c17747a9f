/*
 * The wire. Records of a SOCK_SEQPACKET keep their boundaries, so a message is whole or it is an
 * error; nothing is ever half read. Both ends check every message against the same table before
 * they send and after they receive: a bug at one end is caught at the end that made it.
 */
#include "nsexec/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/plan.h"
#include "nsexec/syscalls.h"

_Static_assert(WIRE_FDS == PLAN_SLOTS + 1, "a plan's memfd and its slots fit into one message");

struct wire_header {
	uint32_t message;
	uint32_t in_memfd; /* PLAN: the body is in the first descriptor */
	int64_t number;
};

static const struct wire_rule {
	enum wire_state state;
	enum wire_end sender;
	enum wire_message message;
	enum wire_state next;
} grammar[] = {
	{WIRE_BORN, WIRE_HOST, WIRE_PLAN, WIRE_BUILDING},

	{WIRE_BUILDING, WIRE_GATE, WIRE_MAP, WIRE_MAPPING},
	{WIRE_MAPPING, WIRE_HOST, WIRE_MAPPED, WIRE_BUILDING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_HOOKS, WIRE_HOOKING},
	{WIRE_HOOKING, WIRE_HOST, WIRE_GO, WIRE_BUILDING},
	{WIRE_BUILDING, WIRE_GATE, WIRE_READY, WIRE_WAITING},
	{WIRE_WAITING, WIRE_HOST, WIRE_KEEP, WIRE_KEPT},
	{WIRE_KEPT, WIRE_GATE, WIRE_ALONE, WIRE_ENDED},
	{WIRE_WAITING, WIRE_HOST, WIRE_START, WIRE_STARTED},

	/* From the process that stays behind, while its successor says other things. */
	{WIRE_BUILDING, WIRE_GATE, WIRE_HOPPED, WIRE_BUILDING},
	{WIRE_MAPPING, WIRE_GATE, WIRE_HOPPED, WIRE_MAPPING},
	{WIRE_HOOKING, WIRE_GATE, WIRE_HOPPED, WIRE_HOOKING},
	{WIRE_WAITING, WIRE_GATE, WIRE_HOPPED, WIRE_WAITING},
	{WIRE_FAILED, WIRE_GATE, WIRE_HOPPED, WIRE_FAILED},

	/* After ALONE nobody listens: what goes wrong then is told at the door. */
	{WIRE_BORN, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_BUILDING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_MAPPING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_HOOKING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_WAITING, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_KEPT, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
	{WIRE_STARTED, WIRE_GATE, WIRE_FAIL, WIRE_FAILED},
};

static const char *const message_names[WIRE_MESSAGES] = {
	[WIRE_NONE] = "NONE",
	[WIRE_PLAN] = "PLAN",
	[WIRE_MAP] = "MAP",
	[WIRE_MAPPED] = "MAPPED",
	[WIRE_HOPPED] = "HOPPED",
	[WIRE_HOOKS] = "HOOKS",
	[WIRE_GO] = "GO",
	[WIRE_READY] = "READY",
	[WIRE_KEEP] = "KEEP",
	[WIRE_ALONE] = "ALONE",
	[WIRE_START] = "START",
	[WIRE_FAIL] = "FAIL",
	[WIRE_EOF] = "EOF",
};

const char *wire_message_name(enum wire_message message)
{
	return (unsigned int)message < WIRE_MESSAGES ? message_names[message] : "?";
}

enum wire_state wire_next(enum wire_state state, enum wire_end sender, enum wire_message message)
{
	if (message == WIRE_EOF)
		return (unsigned int)state < WIRE_STATES ? WIRE_ENDED : WIRE_STATES;
	for (size_t i = 0; i < array_size(grammar); i++)
		if (grammar[i].state == state && grammar[i].sender == sender &&
			grammar[i].message == message)
			return grammar[i].next;
	return WIRE_STATES;
}

/* Room for the descriptors of one message, aligned as the kernel wants it. */
union wire_control {
	char bytes[CMSG_SPACE(WIRE_FDS * sizeof(int))];
	struct cmsghdr aligned;
};

/* Puts the descriptors into a message that is about to be sent. */
static void control_fill(
	struct msghdr *m, union wire_control *control, const int *fds, uint32_t count)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	m->msg_control = control->bytes;
	m->msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
}

/* Says header and body, if the grammar lets us, and moves on to the next state. */
static int message_send(struct wire *wire, const struct wire_header *header, const void *body,
	size_t length, const int *fds, uint32_t count)
{
	enum wire_state next = wire_next(wire->state, wire->end, header->message);
	struct iovec parts[2] = {{(void *)header, sizeof(*header)}, {(void *)body, length}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = length > 0 ? 2 : 1};
	union wire_control control;
	ssize_t sent;

	if (next == WIRE_STATES || header->message == WIRE_EOF || count > WIRE_FDS)
		return -EPROTO;
	if (count > 0)
		control_fill(&m, &control, fds, count);
	do
		sent = sendmsg(wire->fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	wire->state = next;
	return 0;
}

int wire_send(struct wire *wire, enum wire_message message, const int *fds, uint32_t count)
{
	struct wire_header header = {.message = message};

	return message_send(wire, &header, NULL, 0, fds, count);
}

int wire_send_pid(struct wire *wire, int64_t pid)
{
	struct wire_header header = {.message = WIRE_HOPPED, .number = pid};

	return message_send(wire, &header, NULL, 0, NULL, 0);
}

int wire_send_release(
	struct wire *wire, enum wire_message message, int64_t pid, const int *fds, uint32_t count)
{
	struct wire_header header = {.message = message, .number = pid};

	return message_send(wire, &header, NULL, 0, fds, count);
}

int wire_send_failure(struct wire *wire, const struct wire_failure *failure)
{
	struct wire_header header = {.message = WIRE_FAIL};

	return message_send(wire, &header, failure, sizeof(*failure), NULL, 0);
}

/* Puts a plan into a sealed memfd: what the gate maps cannot change under it. The descriptor or
 * -errno. */
static int plan_memfd(const void *plan, uint32_t size)
{
	auto_fd int fd = sys_memfd("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint32_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < size) {
		ssize_t written = write(fd, (const char *)plan + done, size - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0)
			done += (uint32_t)written;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return fd_take(&fd);
}

int wire_send_plan(
	struct wire *wire, const void *plan, uint32_t size, const int *fds, uint32_t count)
{
	struct wire_header header = {.message = WIRE_PLAN, .in_memfd = size > WIRE_INLINE};
	auto_fd int memfd = -1;
	int all[WIRE_FDS];

	if (!header.in_memfd)
		return message_send(wire, &header, plan, size, fds, count);
	if (count > PLAN_SLOTS || wire_next(wire->state, wire->end, WIRE_PLAN) == WIRE_STATES)
		return -EPROTO;
	memfd = plan_memfd(plan, size);
	if (memfd < 0)
		return memfd;
	all[0] = memfd;
	if (count > 0)
		memcpy(all + 1, fds, count * sizeof(int));
	return message_send(wire, &header, NULL, 0, all, count + 1);
}

/* Moves the descriptors that came along into the packet, which is full after WIRE_FDS. */
static void control_take(struct msghdr *m, struct wire_packet *packet)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (count > WIRE_FDS - packet->fd_count)
			count = WIRE_FDS - packet->fd_count;
		memcpy(packet->fds + packet->fd_count, CMSG_DATA(c), count * sizeof(int));
		packet->fd_count += (uint32_t)count;
	}
}

/* True when the record has the shape that its message demands; fills what it carries. */
static int packet_fill(struct wire_packet *packet, const struct wire_header *header, size_t body)
{
	packet->message = header->message;
	packet->number = header->number;
	switch (packet->message) {
	case WIRE_PLAN:
		packet->length = body;
		return header->in_memfd ? body == 0 && packet->fd_count > 0 : body > 0;
	case WIRE_FAIL:
		packet->failure.detail[WIRE_DETAIL - 1] = '\0';
		return body == sizeof(packet->failure);
	default:
		return body == 0;
	}
}

static void packet_close(struct wire_packet *packet)
{
	for (uint32_t i = 0; i < packet->fd_count; i++)
		close(packet->fds[i]);
	packet->fd_count = 0;
}

int wire_receive(struct wire *wire, struct wire_packet *packet, void *buffer, size_t capacity)
{
	enum wire_end sender = wire->end == WIRE_HOST ? WIRE_GATE : WIRE_HOST;
	struct wire_header header = {0};
	union wire_control control;
	struct iovec parts[2] = {
		{&header, sizeof(header)}, {&packet->failure, sizeof(packet->failure)}};
	struct msghdr m = {.msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	enum wire_state next;
	ssize_t got;

	memset(packet, 0, sizeof(*packet));
	if (wire->state == WIRE_BORN && sender == WIRE_HOST)
		parts[1] = (struct iovec){buffer, capacity};
	/* A peer that closed with something unread resets us once; what it said comes after. */
	do
		got = recvmsg(wire->fd, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0)
		return -errno;
	control_take(&m, packet);
	if (got == 0) {
		packet_close(packet);
		packet->message = WIRE_EOF;
		wire->state = WIRE_ENDED;
		return 0;
	}
	next = WIRE_STATES;
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && (size_t)got >= sizeof(header) &&
		header.message != WIRE_EOF &&
		packet_fill(packet, &header, (size_t)got - sizeof(header)))
		next = wire_next(wire->state, sender, packet->message);
	if (next == WIRE_STATES) {
		packet_close(packet);
		return -EPROTO;
	}
	wire->state = next;
	return 0;
}

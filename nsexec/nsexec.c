/*
 * The gate's beginning. Namespaces are joined and made here, before main and before the constructor
 * of any library: at this point the process has one thread, nothing open and nothing cached, which
 * is what setns and unshare ask for. Being the gate is decided by argv[0] alone and confirmed by
 * the plan that arrives on the descriptor named there; no environment variable is looked at, since
 * whoever runs mydocker may set those.
 */
#include "nsexec/nsexec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"

static struct gate gate = GATE_NONE;
static char detail[WIRE_DETAIL];
static _Alignas(4096) char inline_plan[WIRE_INLINE]; /* from a page's start: fewer are touched */

/* The descriptor in "mydocker-gate:N": one or more digits without a leading zero; else -1. */
static int gate_descriptor(const char *name)
{
	size_t length = sizeof(WIRE_GATE_NAME) - 1;

	if (strncmp(name, WIRE_GATE_NAME, length) != 0 || name[length] == '0')
		return -1;
	return (int)number_read(name + length, strlen(name + length), INT_MAX);
}

/* The plan of a packet, checked; NULL when it is none. */
static const struct plan *plan_take(struct wire_packet *packet)
{
	const void *bytes = inline_plan;
	size_t length = packet->length;
	struct stat status;

	if (length == 0) {
		auto_fd int memfd = packet->fds[0];

		memmove(packet->fds, packet->fds + 1, --packet->fd_count * sizeof(int));
		if (fstat(memfd, &status) < 0)
			return NULL;
		length = (size_t)status.st_size;
		bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, memfd, 0);
		if (bytes == MAP_FAILED)
			return NULL;
	}
	return plan_check(bytes, length) == 0 ? bytes : NULL;
}

/* Receives the plan and the descriptors of its slots. 0 or -errno through gate_failed. */
static int gate_open(int fd)
{
	struct wire_packet packet;
	int result;

	gate.wire = (struct wire){.fd = fd, .end = WIRE_GATE, .state = WIRE_BORN};
	gate.step = UINT32_MAX;
	result = wire_receive(&gate.wire, &packet, inline_plan, sizeof(inline_plan));
	if (result < 0)
		return gate_failed(&gate, WIRE_CALL_receive, result, NULL);
	if (packet.message == WIRE_EOF)
		return -ECONNABORTED;
	gate.plan = plan_take(&packet);
	if (gate.plan == NULL || packet.fd_count != gate.plan->slot_count)
		return gate_failed(&gate, WIRE_CALL_receive, EPROTO, NULL);
	gate.fd_count = packet.fd_count;
	memcpy(gate.fds, packet.fds, packet.fd_count * sizeof(int));
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? gate_failed(&gate, WIRE_CALL_NONE, 0, NULL) : 0;
}

__attribute__((constructor(101))) static void nsexec_constructor(void)
{
	int fd = gate_descriptor(program_invocation_name);
	int result;

	if (fd < 0)
		return;
	gate.detail = detail;
	/* CVE-2016-9962: before anything inside a container can see this process. */
	gate.wire.fd = fd;
	gate_shield(&gate);
	gate_signals_reset();
	result = gate_open(fd);
	if (result < 0)
		gate_report(&gate, result);
	else
		result = gate_walk(&gate, gate.plan->gate, gate.plan->birth);
	if (result < 0)
		_exit(EXIT_FAILURE);
}

int nsexec_is_gate(void)
{
	return gate.detail != NULL;
}

int nsexec_main(void)
{
	gate.umask = umask(0);
	gate_walk(&gate, gate.plan->birth, gate.plan->step_count);
	return EXIT_FAILURE;
}

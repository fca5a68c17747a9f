/*
 * Where a start spends its time, with --trace: each step leaves the time of its end in memory that
 * the host has lent. The clock is the one that no time namespace shifts, so that both sides tell
 * the same time. Nobody asks a filter whether we may look at it: behind the filter we do not.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"

int gate_trace(struct gate *gate, const struct step_trace *s)
{
	size_t size = (size_t)s->count * sizeof(*gate->stamps);
	auto_fd int fd = gate_slot_take(gate, s->memory);
	void *memory;

	if (fd < 0)
		return fd;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	gate->stamps = memory;
	gate->stamp_count = (uint64_t)s->count;
	return 0;
}

void gate_stamp(const struct gate *gate, const struct plan_step *step, uint32_t index)
{
	struct timespec now;

	if (gate->stamps == NULL || index >= gate->stamp_count || step->kind == STEP_seccomp)
		return;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	gate->stamps[index] = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

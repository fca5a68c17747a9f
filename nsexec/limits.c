/*
 * Resource limits, in two halves. Raising one needs a privilege that the process soon gives up, so
 * it happens at the step. Lowering needs none, and a gate that may have three descriptors or a
 * kilobyte of memory could not do the rest of its work: so it happens last, where it cannot fail
 * any more.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <sys/stat.h>

#include "nsexec/syscalls.h"

int gate_rlimit(struct gate *gate, const struct step_rlimit *s)
{
	struct rlimit wanted = {.rlim_cur = s->soft, .rlim_max = s->hard};
	struct rlimit now;

	if (s->resource < 0 || s->resource >= RLIM_NLIMITS || wanted.rlim_cur > wanted.rlim_max)
		return gate_failed(gate, WIRE_CALL_NONE, EINVAL, NULL);
	if (sys_prlimit((int)s->resource, NULL, &now) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	if (wanted.rlim_max > now.rlim_max) {
		now.rlim_max = wanted.rlim_max;
		if (sys_prlimit((int)s->resource, &now, NULL) < 0)
			return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	}
	gate->limits[s->resource] = wanted;
	gate->limited |= 1U << s->resource;
	return 0;
}

int gate_umask(struct gate *gate, const struct step_umask *s)
{
	gate->umask = (mode_t)s->mask;
	return 0;
}

int gate_settle(struct gate *gate)
{
	int result;

	if (gate->settled)
		return 0;
	gate->settled = 1;
	umask(gate->umask);
	result = gate_close_others(gate);
	if (result == 0)
		result = gate_let_in(gate);
	if (result < 0)
		return result;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if ((gate->limited & 1U << i) && sys_prlimit(i, &gate->limits[i], NULL) < 0)
			return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	return 0;
}

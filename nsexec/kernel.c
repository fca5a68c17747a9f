/* What one system call each sets for the process or for its namespaces. */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

/* For calls whose failure needs no more words than the step's own. */
static int call_result(struct gate *gate, long result, const char *detail)
{
	return result < 0 ? gate_failed(gate, WIRE_CALL_NONE, 0, detail) : 0;
}

int gate_oom_score(struct gate *gate, const struct step_oom_score *s)
{
	/* The first step: this /proc is still the caller's own. */
	auto_fd int fd = openat(AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	char text[NUMBER_SIZE + 1] = "-";
	size_t length;

	if (s->value < 0)
		length = 1 + number_write(text + 1, 0 - (uint64_t)s->value);
	else
		length = number_write(text, (uint64_t)s->value);
	if (fd < 0)
		return gate_failed(gate, WIRE_CALL_open, 0, "/proc/self/oom_score_adj");
	return call_result(gate, write(fd, text, length), text);
}

int gate_session(struct gate *gate, const struct step_session *s)
{
	return call_result(gate, setsid(), NULL);
}

int gate_keyring(struct gate *gate, const struct step_keyring *s)
{
	const char *name = plan_string(gate->plan, s->name);
	const char *label = plan_string(gate->plan, s->label);
	long serial;
	int result = 0;

	if (label != NULL)
		result = gate_proc_write(gate, "self/attr/keycreate", label);
	if (result < 0)
		return result;
	serial = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	/* ENOSYS: a kernel without keyrings has none that could leak. */
	if (serial < 0 && errno != ENOSYS)
		return gate_failed(gate, WIRE_CALL_NONE, 0, name);
	/* What the possessor may already, and search for the owner: exec finds it by its name. */
	if (serial > 0)
		syscall(SYS_keyctl, KEYCTL_SETPERM, serial, 0x3f1b0000U);
	return label != NULL ? gate_proc_write(gate, "self/attr/keycreate", "\n") : 0;
}

int gate_loopback(struct gate *gate, const struct step_loopback *s)
{
	auto_late int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};

	request.ifr_flags = IFF_UP;
	return call_result(gate, fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request), NULL);
}

int gate_hostname(struct gate *gate, const struct step_hostname *s)
{
	const char *name = plan_string(gate->plan, s->name);

	return call_result(gate, sethostname(name, strlen(name)), name);
}

int gate_domainname(struct gate *gate, const struct step_domainname *s)
{
	const char *name = plan_string(gate->plan, s->name);

	return call_result(gate, setdomainname(name, strlen(name)), name);
}

int gate_scheduler(struct gate *gate, const struct step_scheduler *s)
{
	/* struct sched_attr, version 1: the C libraries differ in whether they have it. Version 0
	 * ends before the clamps, and is refused with their flags. */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
		uint32_t clamp_low, clamp_high;
	} attributes = {
		.size = sizeof(attributes),
		.policy = (uint32_t)s->policy,
		.flags = s->flags,
		.nice = (int32_t)s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};

	return call_result(gate, syscall(SYS_sched_setattr, 0, &attributes, 0), NULL);
}

int gate_affinity(struct gate *gate, const struct step_affinity *s)
{
	return call_result(gate,
		syscall(SYS_sched_setaffinity, 0, s->cpus.length, plan_data(gate->plan, s->cpus)),
		NULL);
}

int gate_io_priority(struct gate *gate, const struct step_io_priority *s)
{
	return call_result(
		gate, syscall(SYS_ioprio_set, 2 /* IOPRIO_WHO_PGRP */, 0, s->value), NULL);
}

int gate_memory_policy(struct gate *gate, const struct step_memory_policy *s)
{
	const void *nodes = s->nodes.length > 0 ? plan_data(gate->plan, s->nodes) : NULL;
	/* The kernel takes the number of bits for one more than it is. */
	unsigned long bits = s->nodes.length > 0 ? s->nodes.length * 8UL + 1 : 0;

	return call_result(gate, syscall(SYS_set_mempolicy, s->mode, nodes, bits), NULL);
}

int gate_personality(struct gate *gate, const struct step_personality *s)
{
	return call_result(gate, personality((unsigned long)s->domain), NULL);
}

int gate_no_new_privs(struct gate *gate, const struct step_no_new_privs *s)
{
	return call_result(gate, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), NULL);
}

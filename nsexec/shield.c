/*
 * What the gate must not show to a container, and not hand down from its caller. It stands with
 * one foot in each: whoever inside could trace it, open its descriptors or inherit them would be on
 * the host.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

void gate_shield(struct gate *gate)
{
	/* CVE-2016-9962: /proc/PID/fd of a gate that enters a container leads to the host. */
	prctl(PR_SET_DUMPABLE, 0);
	if (gate->wire.fd >= 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* The signals that the caller ignores, as bits, bit 0 for signal 1; all when that cannot be known.
 */
static uint64_t signals_ignored(void)
{
	static const char key[] = "SigIgn:\t";
	auto_late int fd = openat(AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *line = text;
	uint64_t bits = 0;

	text[length < 0 ? 0 : length] = '\0';
	while (strncmp(line, key, sizeof(key) - 1) != 0) {
		line = strchr(line, '\n');
		if (line == NULL)
			return ~0ULL;
		line++;
	}
	for (line += sizeof(key) - 1; *line != '\n' && *line != '\0'; line++)
		bits = bits << 4 | (unsigned int)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
	return bits;
}

void gate_signals_reset(void)
{
	uint64_t ignored = signals_ignored();

	for (int number = 1; ignored != 0; number++, ignored >>= 1)
		if (ignored & 1)
			sys_signal_default(number);
}

/* How many descriptors after 2 the program inherits: the last step knows. */
static unsigned int descriptors_preserved(const struct plan *plan)
{
	const struct plan_step *last = &plan_steps(plan)[plan->step_count - 1];
	int64_t preserve = 0;

	if (last->kind == STEP_exec)
		preserve = ((const struct step_exec *)plan_arguments(plan, last))->preserve;
	return preserve < 0 || preserve > INT32_MAX - 3 ? 0 : (unsigned int)preserve;
}

/* Adds an open descriptor to a sorted list. */
static void kept_add(int *kept, uint32_t *count, int fd)
{
	uint32_t i = *count;

	if (fd < 0)
		return;
	for (; i > 0 && kept[i - 1] > fd; i--)
		kept[i] = kept[i - 1];
	kept[i] = fd;
	*count += 1;
}

int gate_close_others(struct gate *gate)
{
	unsigned int from = 3 + descriptors_preserved(gate->plan);
	int kept[WIRE_FDS + 5];
	uint32_t count = 0;
	int result = 0;

	kept_add(kept, &count, gate->wire.fd);
	kept_add(kept, &count, gate->door);
	kept_add(kept, &count, gate->report);
	kept_add(kept, &count, gate->seccomp);
	kept_add(kept, &count, gate->notify);
	for (uint32_t i = 0; i < gate->fd_count; i++)
		kept_add(kept, &count, gate->fds[i]);
	for (uint32_t i = 0; i < count; i++) {
		if ((unsigned int)kept[i] > from)
			result |= sys_close_range(from, (unsigned int)kept[i] - 1, 0);
		if ((unsigned int)kept[i] >= from)
			from = (unsigned int)kept[i] + 1;
	}
	result |= sys_close_range(from, ~0U, 0);
	gate->proc = gate->root = gate->directory = gate->null = gate->empty = -1;
	gate->late_count = 0;
	/* CVE-2024-21626: where a filter around us forbids this, nothing may run. */
	return result < 0 ? gate_failed(gate, WIRE_CALL_close, 0, NULL) : 0;
}

int gate_slot_take(struct gate *gate, int32_t slot)
{
	if (slot < 0 || gate->fds[slot] < 0)
		return gate_failed(gate, WIRE_CALL_NONE, EBADF, NULL);
	return fd_take(&gate->fds[slot]);
}

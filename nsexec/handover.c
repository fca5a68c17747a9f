/*
 * Where the gate and the host, and later whoever calls start, wait for each other.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

int gate_hooks(struct gate *gate, const struct step_hooks *s)
{
	struct wire_packet packet;
	int result = gate_say(gate, WIRE_HOOKS);

	return result < 0 ? result : gate_hear(gate, &packet);
}

__attribute__((noreturn)) static void signal_leave(int signal)
{
	_exit(128 + signal);
}

/* The first process of a pid namespace does not get a signal that it has no handler for; whoever
 * was given a descriptor of it does not know that it is still us. exec takes the handlers off
 * again. */
static void signals_heed(void)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM};

	for (size_t i = 0; i < array_size(ends); i++)
		signal(ends[i], signal_leave);
}

int gate_ready(struct gate *gate, const struct step_ready *s)
{
	struct wire_packet packet;
	int result;

	if (s->mortal)
		signals_heed();
	result = gate_say(gate, WIRE_READY);
	if (result == 0)
		result = gate_hear(gate, &packet);
	if (result < 0)
		return result;
	gate->pid = packet.number;
	if (packet.fd_count > 0)
		gate->seccomp = packet.fds[0];
	if (packet.fd_count > 1)
		gate->notify = packet.fds[1];
	/* From now on the container survives whoever made it. */
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	if (packet.message == WIRE_KEEP) {
		/* Said, not left to the end of file, which a gate that is killed makes as well. Its
		 * end of the wire goes when others do, before the program (gate_settle). */
		result = gate_close_others(gate);
		if (result == 0)
			result = gate_say(gate, WIRE_ALONE);
		gate->wire.fd = -1;
	}
	return result;
}

/*
 * Who knocks is let in only when the program is about to run, or to be told why it does not: if
 * this process is killed before, the kernel tells them so (ECONNRESET), where the end of file would
 * look like an exec.
 */
int gate_door(struct gate *gate, const struct step_door *s)
{
	struct pollfd knock = {.events = POLLIN};
	int ready;

	if (s->listener < 0)
		return 0;
	gate->door = knock.fd = gate_slot_take(gate, s->listener);
	if (gate->door < 0)
		return gate->door;
	do
		ready = poll(&knock, 1, -1);
	while (ready < 0 && errno == EINTR);
	return ready < 0 ? gate_failed(gate, WIRE_CALL_NONE, 0, NULL) : 0;
}

int gate_let_in(struct gate *gate)
{
	if (gate->door < 0)
		return 0;
	do
		gate->report = accept4(gate->door, NULL, NULL, SOCK_CLOEXEC);
	while (gate->report < 0 && (errno == EINTR || errno == ECONNABORTED));
	fd_close_late(&gate->door);
	gate->door = -1;
	return gate->report < 0 ? gate_failed(gate, WIRE_CALL_NONE, 0, NULL) : 0;
}

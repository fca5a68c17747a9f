/*
 * The gate's walk over the plan: the table of step functions, and what a step says when it fails. A
 * failure is told exactly once, as numbers and data: the host knows where the step came from and
 * has the words.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* By side: the host's steps have no function here. */
#define FUNCTION_HOST(kind) NULL
#define FUNCTION_GATE(kind) (gate_step) gate_##kind
#define FUNCTION_BOTH(kind) (gate_step) gate_##kind

static const gate_step functions[STEP_KINDS] = {
#define STEP(kind, side, sentence) FUNCTION_##side(kind),
#define TEXT(kind, member)
#define LIST(kind, member)
#define NUMBER(kind, member)
#define BITS(kind, member)
#define SLOT(kind, member)
#define BYTES(kind, member)
#define END(kind)
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"
};

int gate_failed(struct gate *gate, enum wire_call call, int error, const char *detail)
{
	int number = error == 0 ? errno : error;
	size_t length = detail == NULL ? 0 : strnlen(detail, WIRE_DETAIL - 1);

	gate->call = call;
	memmove(gate->detail, detail == NULL ? "" : detail, length);
	gate->detail[length] = '\0';
	return number < 0 ? number : -number;
}

void gate_report(struct gate *gate, int result)
{
	struct wire_failure failure = {.step = gate->step, .error = -result, .call = gate->call};

	memcpy(failure.detail, gate->detail, sizeof(failure.detail));
	gate_let_in(gate);
	if (gate->report >= 0)
		send(gate->report, &failure, sizeof(failure), MSG_NOSIGNAL);
	else if (gate->wire.fd >= 0 && gate->wire.state != WIRE_ENDED)
		wire_send_failure(&gate->wire, &failure);
}

int gate_walk(struct gate *gate, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		const struct plan_step *step = &plan_steps(gate->plan)[i];
		int result = 0;

		gate->step = i;
		gate->call = WIRE_CALL_NONE;
		gate->detail[0] = '\0';
		if (functions[step->kind] != NULL)
			result = functions[step->kind](gate, plan_arguments(gate->plan, step));
		gate_stamp(gate, step, i);
		if (result < 0) {
			gate_report(gate, result);
			return result;
		}
	}
	return 0;
}

int gate_say(struct gate *gate, enum wire_message message)
{
	int result = wire_send(&gate->wire, message, NULL, 0);

	return result < 0 ? gate_failed(gate, WIRE_CALL_send, result, NULL) : 0;
}

int gate_hear(struct gate *gate, struct wire_packet *packet)
{
	int result = wire_receive(&gate->wire, packet, NULL, 0);

	if (result < 0)
		return gate_failed(gate, WIRE_CALL_receive, result, NULL);
	return packet->message == WIRE_EOF ? -ECONNABORTED : 0;
}

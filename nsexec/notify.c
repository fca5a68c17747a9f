/*
 * A filter binds at once who loads it, and may catch the very calls that it takes to hand its
 * listener over; nobody can answer yet, since the agent has nothing to answer with. So a second
 * thread, born before the filter and free of it, waits for the descriptor and sends it, while the
 * first stays out of the kernel. The exec that follows ends the thread.
 */
#include "nsexec/notify.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define STATE_PARTS 3
#define NOTHING_YET (-1)

static atomic_int given = NOTHING_YET; /* the listener's descriptor */
static atomic_bool sent;

/* The document in pieces: the parts of the plan, and the pid between them. */
static int document_pieces(const struct gate *gate, plan_list state, struct iovec *pieces)
{
	static char digits[NUMBER_SIZE];
	size_t length = number_write(digits, (uint64_t)gate->pid);
	int count = 0;

	for (uint32_t i = 0; i < state.count; i++) {
		const char *part = plan_item(gate->plan, state, i);

		if (i > 0)
			pieces[count++] = (struct iovec){digits, length};
		pieces[count++] = (struct iovec){(void *)part, strlen(part)};
	}
	return count;
}

/* One message: the document, and the listener with its first byte. 0 or -errno. */
static int listener_send(const struct gate *gate, plan_list state, int listener)
{
	struct iovec pieces[2 * STATE_PARTS];
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control = {.aligned = {.cmsg_len = CMSG_LEN(sizeof(int)),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS}};
	struct msghdr m = {.msg_iov = pieces,
		.msg_iovlen = (size_t)document_pieces(gate, state, pieces),
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	size_t whole = 0;
	ssize_t done;

	for (size_t i = 0; i < (size_t)m.msg_iovlen; i++)
		whole += pieces[i].iov_len;
	memcpy(CMSG_DATA(&control.aligned), &listener, sizeof(listener));
	done = sendmsg(gate->notify, &m, MSG_NOSIGNAL);
	if (done < 0)
		return -errno;
	return (size_t)done == whole ? 0 : -ETIMEDOUT;
}

/* The step's arguments are found again by its number: a thread is given one pointer. */
static void *notify_run(void *argument)
{
	struct gate *gate = argument;
	const struct step_seccomp *s =
		plan_arguments(gate->plan, &plan_steps(gate->plan)[gate->step]);
	int listener, result;

	while ((listener = given) == NOTHING_YET)
		sched_yield();
	result = listener_send(gate, s->state, listener);
	if (result < 0) {
		gate_report(gate,
			gate_failed(gate, WIRE_CALL_send, result,
				plan_string(gate->plan, s->listener)));
		_exit(EXIT_FAILURE);
	}
	close(gate->notify);
	close(listener);
	sent = 1;
	return NULL;
}

int notify_begin(struct gate *gate, const struct step_seccomp *s)
{
	pthread_t thread;
	int error = s->state.count > STATE_PARTS ? EINVAL
						 : pthread_create(&thread, NULL, notify_run, gate);

	return error == 0 ? 0 : gate_failed(gate, WIRE_CALL_spawn, error, NULL);
}

void notify_end(int listener)
{
	given = listener;
	while (!sent)
		;
}

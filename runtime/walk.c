/*
 * The order of a creation is the plan's; this file only follows it. What the host does before the
 * clone comes first, then the gate is born and gets the plan, and while it works the seccomp
 * program is compiled, since that may take longer than everything else together. Then the gate
 * speaks and we answer: the messages of the process that hopped into a new pid namespace and of the
 * one that stayed behind may overtake each other. Whatever fails, there is one way back: walk_undo.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/birth.h"
#include "runtime/child.h"
#include "runtime/commentary.h"
#include "runtime/mapping.h"
#include "runtime/plan/blame.h"
#include "runtime/plan/words.h"
#include "runtime/trace.h"
#include "runtime/walk.h"
#include "runtime/walk_steps.h"

#define PATIENCE 60 /* seconds for the gate's own work, besides hooks */

/* The first step of a kind after the clone, or NULL. */
static const struct plan_step *gate_step_find(const struct plan *plan, enum step_kind kind)
{
	for (uint32_t i = plan->gate; i < plan->step_count; i++)
		if (plan_steps(plan)[i].kind == kind)
			return &plan_steps(plan)[i];
	return NULL;
}

/* Bounds the wait for each message of the gate: hooks may take what they are allowed, anything else
 * PATIENCE. */
static void wire_bound(const struct walk *walk, const struct spec_hook_list *list)
{
	int64_t hooks = list ? hooks_patience(list) : 0;
	struct timeval limit = {.tv_sec = hooks < 0 ? 0 : PATIENCE + hooks / 1000};

	setsockopt(walk->wire.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static const struct spec_hooks *walk_hooks(const struct walk *walk)
{
	return walk->container ? walk->spec->config.hooks : NULL;
}

static void walk_kill(struct walk *walk)
{
	if (walk->pid > 0 && walk->pidfd >= 0)
		sys_pidfd_send_signal(walk->pidfd, SIGKILL, 0);
	if (walk->helper > 0)
		kill(walk->helper, SIGKILL);
}

void walk_suspect_memory(const struct spec *spec, struct error *err)
{
	const struct spec_linux *linux = spec->config.linux;
	const struct spec_resources *resources = linux ? linux->resources : NULL;

	if (!resources || !resources->memory || resources->memory->limit.value <= 0)
		return;
	blame(err, spec, NULL, &resources->memory->limit);
	error_value(err, "%lld", (long long)resources->memory->limit.value);
	error_hint(err, "its memory limit, %lld bytes, may be too low to start anything",
		(long long)resources->memory->limit.value);
}

/* The gate closed the wire without a word: tells from its exit status why. */
static int gate_mourn(struct walk *walk, struct error *err)
{
	int status;

	walk_kill(walk); /* an exiting process keeps its own status */
	status = child_reap(&walk->pid);
	if (!WIFSIGNALED(status))
		return error_set(err, ERROR_GATE, ECHILD,
			"the container's first process ended with status %d before it was ready",
			WEXITSTATUS(status));
	error_set(err, ERROR_GATE, ECHILD,
		"the container's first process was ended by signal %d before it was ready",
		WTERMSIG(status));
	if (WTERMSIG(status) == SIGKILL)
		walk_suspect_memory(walk->spec, err);
	return -ECHILD;
}

static int wire_broken(int result, struct error *err)
{
	if (result == -EAGAIN) {
		error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"the container's first process did not answer in time");
		error_hint(err, "does every filesystem below the root, and of the mounts, answer?");
		return -ETIMEDOUT;
	}
	return error_set(err, ERROR_GATE, -result,
		"cannot talk to the container's first process: %s", strerror(-result));
}

/* Receives one message that is neither the gate's failure nor its end: these become the error. */
static int walk_receive(struct walk *walk, struct wire_packet *packet, struct error *err)
{
	int result = wire_receive(&walk->wire, packet, NULL, 0);

	if (result < 0)
		return wire_broken(result, err);
	if (packet->message == WIRE_FAIL)
		return words_for_failure(walk->compiled, walk->spec, &packet->failure, err);
	if (packet->message == WIRE_EOF)
		return gate_mourn(walk, err);
	return 0;
}

static int walk_answer(struct walk *walk, enum wire_message message, struct error *err)
{
	int result = wire_send(&walk->wire, message, NULL, 0);

	return result < 0 ? wire_broken(result, err) : 0;
}

static int walk_map(struct walk *walk, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const struct plan_step *step = gate_step_find(plan, STEP_map);
	int result;

	if (!step)
		return wire_broken(-EPROTO, err);
	result = mapping_write(plan, plan_arguments(plan, step), walk->spec, walk->pid, err);
	if (result < 0) {
		walk_step_blame(walk, (uint32_t)(step - plan_steps(plan)), err);
		return result;
	}
	return walk_answer(walk, WIRE_MAPPED, err);
}

/* The process that we cloned has made the real one, our child too, and ends. */
static int walk_hop(struct walk *walk, pid_t pid, struct error *err)
{
	int pidfd = sys_pidfd_open(pid, 0);

	if (pidfd < 0)
		return error_set(
			err, ERROR_GATE, errno, "cannot open the container's first process: %m");
	walk->helper = walk->pid;
	walk->pid = pid;
	fd_cleanup(&walk->pidfd);
	walk->pidfd = pidfd;
	child_reap(&walk->helper);
	return 0;
}

int walk_meet(struct walk *walk, struct error *err)
{
	const struct spec_hooks *hooks = walk_hooks(walk);
	const struct plan *plan = walk->compiled->plan;
	int result = 0;

	for (uint32_t i = plan->gate; i < plan->step_count && result == 0; i++)
		result = walk_step(walk, i, err);
	if (!hooks)
		return result;
	trace_lap("wait for the gate");
	if (result == 0)
		result = hooks_run(walk->spec, &hooks->prestart, walk->record->bundle,
			walk->document, walk->pid, err);
	trace_lap("prestart hooks");
	if (result == 0)
		result = hooks_run(walk->spec, &hooks->create_runtime, walk->record->bundle,
			walk->document, walk->pid, err);
	trace_lap("createRuntime hooks");
	return result;
}

/* The barrier. */
static int walk_host_part(struct walk *walk, struct error *err)
{
	int result = walk_meet(walk, err);

	return result < 0 ? result : walk_answer(walk, WIRE_GO, err);
}

/*
 * Waits for the next message. Who stays behind at the hop says its last word before it ends: when
 * it has ended and nothing is there to be read, nobody will ever tell us the pid.
 */
static int walk_hopped_await(struct walk *walk, struct error *err)
{
	struct pollfd events[2] = {
		{.fd = walk->wire.fd, .events = POLLIN},
		{.fd = walk->pidfd, .events = POLLIN},
	};
	int ready;

	do
		ready = poll(events, array_size(events), PATIENCE * 1000);
	while (ready < 0 && errno == EINTR);
	return ready > 0 && !events[0].revents ? gate_mourn(walk, err) : 0;
}

/* Answers the gate until it is ready, and until we know its pid. */
static int walk_converse(struct walk *walk, struct error *err)
{
	bool hopping = gate_step_find(walk->compiled->plan, STEP_hop) != NULL;
	bool hooks_due = false, ready = false;

	while (!ready || hopping) {
		struct wire_packet packet = {.message = WIRE_NONE};
		int result = hopping ? walk_hopped_await(walk, err) : 0;

		if (result == 0)
			result = walk_receive(walk, &packet, err);
		if (result == 0 && walk->manager) /* v1: who speaks has entered the scope */
			manager_close(walk->manager);
		if (result == 0 && packet.message == WIRE_MAP)
			result = walk_map(walk, err);
		if (result == 0 && packet.message == WIRE_HOPPED) {
			result = walk_hop(walk, (pid_t)packet.number, err);
			hopping = false;
		}
		hooks_due |= packet.message == WIRE_HOOKS;
		ready |= packet.message == WIRE_READY;
		if (result == 0 && hooks_due && !hopping) {
			result = walk_host_part(walk, err);
			hooks_due = false;
		}
		if (result < 0)
			return result;
	}
	return 0;
}

/*
 * The host's steps, in order, up to the clone. Which directories are ours is written down before
 * anybody can be in them who does not die with us: in a cgroup, only a hook can leave somebody.
 */
int walk_prepare(struct walk *walk, struct error *err)
{
	int result = 0;

	for (uint32_t i = 0; i + 1 < walk->compiled->plan->gate && result == 0; i++)
		result = walk_step(walk, i, err);
	if (result == 0 && walk->record &&
		((walk_hooks(walk) && walk->record->cgroups.count) || walk->record->resctrl.count))
		result = record_write(walk->container, walk->record, err);
	return result;
}

/* The plan and its descriptors. A gate that is dead already has left its reason on the wire. */
static int walk_deliver(struct walk *walk, int *fds, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	int result = 0;

	for (uint32_t i = 0; i < plan->slot_count && result == 0; i++)
		result = walk_slot_open(walk, i, fds, err);
	if (result < 0)
		return result;
	result = wire_send_plan(&walk->wire, plan, plan->size, fds, plan->slot_count);
	return result < 0 && result != -EPIPE ? wire_broken(result, err) : 0;
}

static int walk_give_birth(struct walk *walk, struct error *err)
{
	const struct plan *plan = walk->compiled->plan;
	const struct step_clone *clone = plan_arguments(plan, &plan_steps(plan)[plan->gate - 1]);
	int fds[PLAN_SLOTS], result;

	for (uint32_t i = 0; i < plan->slot_count; i++)
		fds[i] = -1;
	result = birth_give(walk, clone, fds, err);
	trace_step(plan->gate - 1);
	if (result < 0)
		walk_step_blame(walk, plan->gate - 1, err);
	/* the gate is in the scope: who has held its place would only count against its limits */
	if (result == 0 && walk->manager && plan_string(plan, clone->cgroup))
		manager_close(walk->manager);
	if (result == 0)
		result = walk_deliver(walk, fds, err);
	trace_lap("send the plan");
	walk_slots_close(walk, fds);
	return result;
}

int walk_create(struct walk *walk, struct error *err)
{
	const struct spec_hooks *hooks = walk_hooks(walk);
	int result;

	commentary_plan(walk);
	if (walk->record)
		walk->cgroups = &walk->record->cgroups;
	result = walk_prepare(walk, err);
	if (result == 0)
		result = walk_give_birth(walk, err);
	if (result == 0)
		result = walk_filter_open(
			walk, gate_step_find(walk->compiled->plan, STEP_seccomp), err);
	trace_lap("make the seccomp filter");
	if (result == 0) {
		wire_bound(walk, hooks ? &hooks->create_container : NULL);
		result = walk_converse(walk, err);
	}
	trace_lap("wait for the gate");
	trace_gate(walk->pid);
	if (result < 0)
		walk_undo(walk);
	else
		commentary_ready(walk);
	return result;
}

static void handover_close(struct walk *walk)
{
	for (size_t i = 0; i < array_size(walk->handover); i++) {
		fd_cleanup(&walk->handover[i]);
		walk->handover[i] = -1;
	}
}

/* KEEP or START, with what the gate needs for its filter. */
static int walk_release(struct walk *walk, enum wire_message message, struct error *err)
{
	uint32_t count = 0;
	int result;

	while (count < array_size(walk->handover) && walk->handover[count] >= 0)
		count++;
	result = wire_send_release(&walk->wire, message, walk->pid, walk->handover, count);
	/* The listener waits for the end of the connection, which is the gate's alone from now on.
	 */
	handover_close(walk);
	if (result == -EPIPE)
		return gate_mourn(walk, err);
	return result < 0 ? wire_broken(result, err) : 0;
}

int walk_keep(struct walk *walk, struct error *err)
{
	struct wire_packet packet;
	int result = walk_release(walk, WIRE_KEEP, err);

	if (result < 0)
		return result;
	/* until the gate has let go of everything else, it still dies with us */
	result = walk_receive(walk, &packet, err);
	if (result < 0)
		return result;
	net_devices_free(&walk->devices);
	commentary_done(walk);
	return 0;
}

int walk_start(struct walk *walk, struct error *err)
{
	const struct spec_hooks *hooks = walk_hooks(walk);
	struct wire_packet packet;
	int result;

	if (hooks && hooks->start_container.count)
		wire_bound(walk, &hooks->start_container);
	result = walk_release(walk, WIRE_START, err);
	if (result == 0)
		result = wire_receive(&walk->wire, &packet, NULL, 0);
	trace_lap("wait for the program to run");
	if (result < 0)
		return err->code ? result : wire_broken(result, err);
	if (packet.message == WIRE_FAIL)
		return words_for_failure(walk->compiled, walk->spec, &packet.failure, err);
	if (packet.message != WIRE_EOF)
		return wire_broken(-EPROTO, err);
	trace_runs();
	commentary_done(walk);
	return 0;
}

void walk_undo(struct walk *walk)
{
	walk_kill(walk);
	child_reap(&walk->pid);
	child_reap(&walk->helper);
	fd_cleanup(&walk->wire.fd); /* what hopped unseen ends with it */
	net_devices_return(&walk->devices);
	walk->wire.fd = -1;
}

void walk_free(struct walk *walk)
{
	fd_cleanup(&walk->wire.fd);
	handover_close(walk);
	fd_cleanup(&walk->pidfd);
	walk->wire.fd = walk->pidfd = -1;
	net_devices_free(&walk->devices);
}

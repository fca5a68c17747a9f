/*
 * The host does one thing after the other, so a lap is the time since the last one and needs no
 * beginning. The gate cannot tell its own from inside (it has lost the file and may have another
 * clock, and soon another program): it has a page of ours, written by the host's clock. What is
 * noted lives in memory that our forks share, since the monitor of a detached container is one.
 */
#include "runtime/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/bound.h"
#include "spec/arena.h"
#include "state/record.h"

#define LAPS 1024
#define STEPS 1024
#define POINTER 120

struct lap {
	const char *name;
	uint64_t end;
	char pointer[POINTER];
};

struct notes {
	uint64_t begin; /* nanoseconds, as all times here */
	uint64_t runs;  /* since when the program runs, 0: it does not */
	pid_t gate;
	uint32_t lap_count, step_count, gate_step;
	struct lap laps[LAPS], steps[STEPS];
};

static struct {
	int file, memory;
	struct notes *notes;    /* NULL: nothing is traced */
	const uint64_t *stamps; /* of the gate: STEPS */
} trace = {.file = -1, .memory = -1};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int trace_open(const char *path, struct error *err)
{
	size_t size = STEPS * sizeof(*trace.stamps);
	void *notes, *stamps = MAP_FAILED;

	trace.file =
		openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0644);
	if (trace.file < 0)
		return error_set(err, ERROR_USAGE, errno, "cannot open the trace %s: %m", path);
	notes = mmap(NULL, sizeof(struct notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	trace.memory = memfd_create("mydocker-trace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (trace.memory >= 0 && ftruncate(trace.memory, (off_t)size) == 0 &&
		fcntl(trace.memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		stamps = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			trace.memory, 0);
	if (notes == MAP_FAILED || stamps == MAP_FAILED)
		return error_set(err, ERROR_SYSTEM, errno, "no memory for the trace: %m");
	trace.notes = notes;
	trace.stamps = stamps;
	trace.notes->begin = now();
	return 0;
}

bool trace_is_on(void)
{
	return trace.notes != NULL;
}

static void lap_add(const char *name, const char *pointer)
{
	struct notes *notes = trace.notes;

	if (notes == NULL || notes->lap_count == LAPS)
		return;
	notes->laps[notes->lap_count] = (struct lap){.name = name, .end = now()};
	memccpy(notes->laps[notes->lap_count++].pointer, pointer, '\0', POINTER - 1);
}

void trace_lap(const char *name)
{
	bound_note(name);
	lap_add(name, "");
}

void trace_plan(const struct compiled *compiled, const struct spec *spec)
{
	const struct plan *plan = compiled->plan;
	struct notes *notes = trace.notes;

	if (notes == NULL)
		return;
	notes->step_count = plan->step_count < STEPS ? plan->step_count : STEPS;
	notes->gate_step = plan->gate;
	for (uint32_t i = 0; i < notes->step_count; i++) {
		notes->steps[i].name = plan_kinds[plan_steps(plan)[i].kind].name;
		plan_pointer(spec, compiled->process, compiled->origins[i].address,
			notes->steps[i].pointer, POINTER);
	}
}

void trace_step(uint32_t index)
{
	if (trace.notes != NULL && index < trace.notes->step_count)
		lap_add(trace.notes->steps[index].name, trace.notes->steps[index].pointer);
}

uint32_t trace_room(void)
{
	return trace_is_on() ? STEPS : 0;
}

int trace_memory(void)
{
	return trace.memory;
}

void trace_gate(pid_t pid)
{
	if (trace.notes != NULL)
		trace.notes->gate = pid;
}

void trace_runs(void)
{
	if (trace.notes != NULL)
		trace.notes->runs = now();
}

struct string_list trace_environment(const struct string_list *environment, struct arena *arena)
{
	const char *parent = trace_is_on() ? getenv("TRACEPARENT") : NULL;
	struct string_list more = *environment;

	for (uint32_t i = 0; parent && i < environment->count; i++)
		if (strncmp(environment->items[i], "TRACEPARENT=", 12) == 0)
			parent = NULL;
	if (!parent)
		return more;
	more.items = arena_alloc(arena, (environment->count + 2) * sizeof(*more.items));
	parent = arena_format(arena, "TRACEPARENT=%s", parent);
	if (!more.items || !parent)
		return *environment;
	if (environment->count > 0)
		memcpy(more.items, environment->items, environment->count * sizeof(*more.items));
	more.items[more.count++] = parent;
	more.items[more.count] = NULL;
	return more;
}

/* The document while it is made. */
struct script {
	struct spec_trace trace;
	struct spec_trace_details *details; /* one per event */
	pid_t pid;
};

static void event_add(struct script *script, const char *side, pid_t pid, const struct lap *lap,
	uint64_t start, uint64_t end)
{
	struct spec_trace_details *details = &script->details[script->trace.events.count];

	*details = (struct spec_trace_details){
		.pointer = lap->pointer[0] ? lap->pointer : NULL,
		.duration = {true, end - start},
	};
	script->trace.events.items[script->trace.events.count++] = (struct spec_trace_event){
		.name = lap->name,
		.phase = "X",
		.side = side,
		.start = {true, start / 1000},
		.duration = {true, end / 1000 - start / 1000},
		.pid = {true, pid},
		.tid = {true, pid},
		.details = details,
	};
}

static void process_name(struct script *script, pid_t pid, const char *name)
{
	struct spec_trace_details *details = &script->details[script->trace.events.count];

	*details = (struct spec_trace_details){.name = name};
	script->trace.events.items[script->trace.events.count++] = (struct spec_trace_event){
		.name = "process_name",
		.phase = "M",
		.pid = {true, pid},
		.tid = {true, pid},
		.details = details,
	};
}

static void host_add(struct script *script, const struct notes *notes)
{
	uint64_t last = notes->begin;

	process_name(script, script->pid, "host");
	for (uint32_t i = 0; i < notes->lap_count; i++) {
		event_add(script, "host", script->pid, &notes->laps[i], last, notes->laps[i].end);
		last = notes->laps[i].end;
	}
}

/* From the clone, which is the host's last step before the gate's first. */
static void gate_add(struct script *script, const struct notes *notes)
{
	static const struct lap birth = {.name = "execute the gate"};
	static const struct lap program = {.name = "execute the program"};
	uint64_t last = 0;

	for (uint32_t i = 0; i < notes->lap_count && last == 0; i++)
		if (strcmp(notes->laps[i].name, plan_kinds[STEP_clone].name) == 0)
			last = notes->laps[i].end;
	if (notes->gate == 0 || last == 0)
		return;
	process_name(script, notes->gate, "container");
	for (uint32_t i = notes->gate_step; i < notes->step_count; i++) {
		uint64_t end = trace.stamps[i];

		if (end < last) /* not done, or the host's */
			continue;
		event_add(script, "container", notes->gate,
			i == notes->gate_step ? &birth : &notes->steps[i], last, end);
		last = end;
	}
	if (notes->runs > last)
		event_add(script, "container", notes->gate, &program, last, notes->runs);
}

static int text_write(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(trace.file, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

/* NULL without memory. */
static const char *trace_text(const char *command, struct arena *arena, struct error *err)
{
	const struct notes *notes = trace.notes;
	struct spec_trace_about about = {
		.program = "mydocker " MYDOCKER_VERSION,
		.command = command,
		.traceparent = getenv("TRACEPARENT"),
	};
	struct script script = {.pid = getpid()};
	size_t room = notes->lap_count + notes->step_count + 4;

	script.trace.events.items = arena_alloc(arena, room * sizeof(*script.trace.events.items));
	script.details = arena_alloc(arena, room * sizeof(*script.details));
	if (!script.trace.events.items || !script.details) {
		error_set(err, ERROR_SYSTEM, ENOMEM, "no memory for the trace");
		return NULL;
	}
	script.trace.unit = "ns";
	script.trace.about = &about;
	host_add(&script, notes);
	gate_add(&script, notes);
	return table_encode(&spec_trace_table, &script.trace, 0, arena, NULL, err);
}

int trace_close(const char *command, struct error *err)
{
	struct arena arena = {0};
	const char *text;
	int result;

	if (trace.notes == NULL)
		return 0;
	trace_lap("end");
	text = trace_text(command, &arena, err);
	result = text ? text_write(text, strlen(text)) : -err->number;
	if (text && result < 0)
		error_set(err, ERROR_SYSTEM, -result, "cannot write the trace: %s",
			strerror(-result));
	arena_free(&arena);
	return result;
}

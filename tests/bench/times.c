/*
 * How long things take. The runtimes take turns within each round, in an order that rotates. After
 * a pause the kernel's grace periods cost what they cost on a machine that starts a container now
 * and then; without one, what they cost in a burst.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define GAP 60 /* milliseconds */
#define SHORT_GAP 10

static void pause_for(int milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static const struct run {
	const char *bundle;
	int gap;
	const char *name, *title;
	const char *cpu_name, *cpu_title; /* NULL: not told */
} runs[] =
	{
		{"default-true", GAP, "run-gap", "run, 60 ms gap", "cpu-gap",
			"run, 60 ms gap, CPU"},
		{"default-true", 0, "run-row", "run, in a row", "cpu-row", "run, in a row, CPU"},
		{"engine-true", GAP, "engine-gap", "run, docker-like, 60 ms gap", "engine-cpu-gap",
			"run, docker-like, 60 ms gap, CPU"},
		{"engine-true", 0, "engine-row", "run, docker-like, in a row", NULL, NULL},
		{"users-true", GAP, "users-gap", "run, user namespace, 60 ms gap", NULL, NULL},
		{"net-true", GAP, "net-gap", "run, joined network, 60 ms gap", NULL, NULL},
},
  unified_runs[] = {
	  {"default-true", GAP, "v2-gap", "run, cgroup v2 alone, 60 ms gap", "v2-cpu-gap",
		  "run, cgroup v2 alone, 60 ms gap, CPU"},
	  {"default-true", 0, "v2-row", "run, cgroup v2 alone, in a row", NULL, NULL},
};

static void run_once(const struct bench *bench, struct table *table, const struct run *run, int r)
{
	char id[ID_SIZE];
	struct sample sample;

	command_id(id);
	pause_for(run->gap);
	sample = sample_run(command_line(bench, r, "run", run->bundle, id));
	if (sample.status != 0)
		return;
	table_add(table, run->name, run->title, "ms", r, sample.wall / 1e3);
	if (run->cpu_name)
		table_add(table, run->cpu_name, run->cpu_title, "ms", r, sample.cpu / 1e3);
}

static void measure_run(const struct bench *bench, struct table *table, const struct run *run)
{
	for (int k = 0; k < bench->rounds; k++)
		for (int i = 0; i < bench->count; i++) {
			int r = (k + i) % bench->count;

			/* the floor does what the default configuration asks for, no other */
			if (!bench->runtimes[r].is_floor ||
				strcmp(run->bundle, "default-true") == 0)
				run_once(bench, table, run, r);
		}
}

/* create, start and delete of a program that ends at once: what an engine waits for. */
static void cycle_once(const struct bench *bench, struct table *table, int r, bool engine)
{
	char id[ID_SIZE];
	struct sample create, start, end;

	command_id(id);
	pause_for(GAP);
	create = sample_run(
		command_line(bench, r, "create", engine ? "engine-true" : "default-true", id));
	start = sample_run(command_line(bench, r, "start", NULL, id));
	command_reap();
	end = sample_run(command_line(bench, r, "delete", NULL, id));
	if (create.status == 0 && start.status == 0 && end.status == 0)
		table_add(table, engine ? "engine-cycle" : "cycle",
			engine ? "create+start+delete, docker-like, gap"
			       : "create+start+delete, 60 ms gap",
			"ms", r, (create.wall + start.wall + end.wall) / 1e3);
}

/* Those that move processes into cgroups wait for the kernel's grace periods; the others do not. */
static const struct verb {
	const char *verb, *bundle; /* a bundle: it makes the container */
	bool id;
	int gap;
} verbs[] = {
	{"create", "default-wait", true, GAP},
	{"start", NULL, true, SHORT_GAP},
	{"state", NULL, true, SHORT_GAP},
	{"list", NULL, false, SHORT_GAP},
	{"exec", NULL, true, GAP},
	{"pause", NULL, true, SHORT_GAP},
	{"resume", NULL, true, SHORT_GAP},
	{"kill", NULL, true, SHORT_GAP},
	{"delete", NULL, true, GAP},
};

static void verbs_once(const struct bench *bench, struct table *table, int r)
{
	char id[ID_SIZE];
	long peak = 0;

	command_id(id);
	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		const struct verb *verb = &verbs[v];
		struct sample sample;

		if (strcmp(verb->verb, "delete") == 0)
			command_reap();
		pause_for(verb->gap);
		sample = sample_run(
			command_line(bench, r, verb->verb, verb->bundle, verb->id ? id : NULL));
		if (sample.status != 0 && verb->bundle)
			return;
		peak = sample.peak > peak ? sample.peak : peak;
		if (sample.status == 0)
			table_add(table, verb->verb, verb->verb, "ms", r, sample.wall / 1e3);
	}
	table_add(table, "peak-verbs", "the verbs above, highest peak memory", "KiB", r,
		(double)peak);
}

static void measure_verbs(const struct bench *bench, struct table *table)
{
	for (int k = 0; k < bench->rounds; k++)
		for (int i = 0; i < bench->count; i++) {
			int r = (k + i) % bench->count;

			if (bench->runtimes[r].is_floor)
				continue;
			verbs_once(bench, table, r);
			cycle_once(bench, table, r, false);
			cycle_once(bench, table, r, true);
		}
}

/* `total` containers, `width` at a time: milliseconds for each, or -1 when one failed. */
static double crowd_time(const struct bench *bench, int r, int width, int total)
{
	int running = 0, started = 0, status;
	bool failed = false;
	double start = now();

	while (started < total || running > 0) {
		char id[ID_SIZE];

		if (started < total && running < width) {
			command_id(id);
			started++;
			running +=
				sample_start(command_line(bench, r, "run", "default-true", id)) > 0;
		} else if (wait(&status) > 0) {
			failed |= status != 0;
			running--;
		}
	}
	return failed ? -1 : (now() - start) / total;
}

static void measure_parallel(const struct bench *bench, struct table *table)
{
	static const struct {
		int width;
		const char *name, *title;
	} rows[] = {
		{2, "run-by-2", "run, 2 at a time, each"},
		{8, "run-by-8", "run, 8 at a time, each"},
		{32, "run-by-32", "run, 32 at a time, each"},
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		for (int k = 0; k < bench->rounds / 10 + 1; k++)
			for (int i = 0; i < bench->count; i++) {
				int r = (k + i) % bench->count;
				double each = crowd_time(bench, r, rows[row].width, 100);

				if (each >= 0)
					table_add(table, rows[row].name, rows[row].title, "ms", r,
						each);
			}
}

void measure_times(const struct bench *bench, struct table *table)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		measure_run(bench, table, &runs[i]);
	measure_verbs(bench, table);
	measure_parallel(bench, table);
}

void measure_unified(const struct bench *bench, struct table *table)
{
	for (size_t i = 0; i < sizeof(unified_runs) / sizeof(unified_runs[0]); i++)
		measure_run(bench, table, &unified_runs[i]);
}

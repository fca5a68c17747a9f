/*
 * make bench: every runtime that is found, side by side, one round after the other, so that the
 *drift of a shared machine hits all of them alike. Each scenario fills rows; the table quotes
 *medians, and ratios per round.
 *
 *	bench [-r ROUNDS] [-j FILE] [-s FILE] [-d BUNDLES] [-o SCENARIO] NAME=PATH... [floor=PATH]
 *
 * The first runtime is the one that the others are compared with. BUNDLES holds one bundle per
 * configuration, with "true" and with "wait" as program: default-true, default-wait, engine-true,
 *engine-wait.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS 64
#define ARGUMENTS 16

static struct runtime runtimes[RUNTIMES];
static int runtime_count;
static struct row rows[ROWS];
static int row_count;
static const char *bundles = "build/bench/bundles";
static int rounds = 30;
static int serial; /* makes every container's name new */

static struct row *row_named(const char *name, const char *title, const char *unit)
{
	for (int i = 0; i < row_count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	rows[row_count].name = strdup(name);
	rows[row_count].title = strdup(title);
	rows[row_count].unit = unit;
	return &rows[row_count++];
}

static void pause_for(int milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

static char text[ARGUMENTS][512];

/* A command line: the runtime's verb with its state root; the floor has only run. */
static char **command(int r, const char *verb, const char *bundle, const char *id)
{
	static char *argv[ARGUMENTS + 1];
	int n = 0;

#define ADD(...) (snprintf(text[n], sizeof(text[n]), __VA_ARGS__), argv[n] = text[n], n++)
	ADD("%s", runtimes[r].path);
	if (runtimes[r].is_floor) {
		ADD("%s/rootfs", bundles);
		ADD("%s", id);
		ADD("/bin/payload");
	} else {
		ADD("--root");
		ADD("/run/bench-%s", runtimes[r].name);
		ADD("%s", verb);
		if (bundle) {
			ADD("--bundle");
			ADD("%s/%s", bundles, bundle);
		}
		if (strcmp(verb, "delete-force") == 0) {
			snprintf(text[3], sizeof(text[3]), "delete");
			ADD("--force");
		}
		if (id)
			ADD("%s", id);
		if (strcmp(verb, "kill") == 0)
			ADD("KILL");
		if (strcmp(verb, "exec") == 0)
			ADD("/bin/payload");
	}
#undef ADD
	argv[n] = NULL;
	return argv;
}

/* Where a runtime stands in round k: the order rotates. */
static int turn(int k, int i)
{
	return (k + i) % runtime_count;
}

/* Ends containers that became our children because we are a subreaper. */
static void reap_all(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void measure_run(const char *bundle, const char *name, const char *title, int gap)
{
	char cpu_name[64], cpu_title[96];

	snprintf(cpu_name, sizeof(cpu_name), "%s-cpu", name);
	snprintf(cpu_title, sizeof(cpu_title), "%s, CPU", title);
	for (int k = 0; k < rounds; k++)
		for (int i = 0; i < runtime_count; i++) {
			int r = turn(k, i);
			char id[64];

			snprintf(id, sizeof(id), "bench%d", serial++);
			if (gap)
				pause_for(gap);
			struct sample sample = sample_run(command(r, "run", bundle, id));
			if (sample.status != 0)
				continue;
			series_add(&row_named(name, title, "ms")->series[r], sample.wall / 1e3);
			series_add(
				&row_named(cpu_name, cpu_title, "ms")->series[r], sample.cpu / 1e3);
			if (gap)
				continue;
			series_add(&row_named("peak", "run, peak memory of one process", "KiB")
					    ->series[r],
				(double)sample.peak);
			series_add(&row_named("faults", "run, page faults", "")->series[r],
				(double)sample.faults);
		}
}

/* One verb inside a life cycle: its row has the verb's name. */
static int measure_verb(int r, const char *verb, const char *bundle, const char *id, int gap)
{
	char name[64], title[64];

	if (gap)
		pause_for(gap);
	struct sample sample = sample_run(command(r, verb, bundle, id));
	if (sample.status != 0)
		return -1;
	snprintf(name, sizeof(name), "%s%s", verb, bundle ? "-engine" : "");
	if (bundle && strncmp(bundle, "engine", 6) != 0)
		snprintf(name, sizeof(name), "%s", verb);
	snprintf(title, sizeof(title), "%s%s", verb, strstr(name, "engine") ? ", docker-like" : "");
	series_add(&row_named(name, title, "ms")->series[r], sample.wall / 1e3);
	return 0;
}

static void measure_verbs(int gap)
{
	static const char *const verbs[] = {
		"start", "state", "list", "exec", "pause", "resume", "kill"};

	for (int k = 0; k < rounds; k++)
		for (int i = 0; i < runtime_count; i++) {
			int r = turn(k, i);
			char id[64];

			if (runtimes[r].is_floor)
				continue;
			snprintf(id, sizeof(id), "verbs%d", serial++);
			if (measure_verb(r, "create", "default-wait", id, gap) < 0)
				continue;
			for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++)
				measure_verb(r, verbs[v], NULL,
					strcmp(verbs[v], "list") ? id : NULL, gap);
			reap_all();
			measure_verb(r, "delete", NULL, id, gap);
		}
}

/* create, start and delete of a program that ends at once: what an engine waits for. */
static void measure_lifecycle(const char *bundle, const char *name, const char *title, int gap)
{
	for (int k = 0; k < rounds; k++)
		for (int i = 0; i < runtime_count; i++) {
			int r = turn(k, i);
			char id[64];
			double total;

			if (runtimes[r].is_floor)
				continue;
			snprintf(id, sizeof(id), "cycle%d", serial++);
			if (gap)
				pause_for(gap);
			struct sample create = sample_run(command(r, "create", bundle, id));
			struct sample start = sample_run(command(r, "start", NULL, id));
			reap_all();
			struct sample end = sample_run(command(r, "delete", NULL, id));
			total = create.wall + start.wall + end.wall;
			if (create.status == 0 && start.status == 0 && end.status == 0)
				series_add(&row_named(name, title, "ms")->series[r], total / 1e3);
		}
}

static double clock_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* `total` containers, `width` at a time; the row has the time per container. */
static void measure_parallel(const char *bundle, int width, int total)
{
	char name[64], title[64];

	snprintf(name, sizeof(name), "run-by-%d", width);
	snprintf(title, sizeof(title), "run, %d at a time, each", width);
	for (int k = 0; k < rounds / 10 + 1; k++)
		for (int i = 0; i < runtime_count; i++) {
			int r = turn(k, i);
			int running = 0, failed = 0, status;
			double start = clock_ms();

			for (int n = 0; n < total || running;) {
				char id[64];

				if (n < total && running < width) {
					snprintf(id, sizeof(id), "many%d", serial++);
					running += sample_start(command(r, "run", bundle, id)) > 0;
					n++;
					continue;
				}
				if (wait(&status) > 0) {
					failed += status != 0;
					running--;
				}
			}
			if (!failed)
				series_add(&row_named(name, title, "ms")->series[r],
					(clock_ms() - start) / total);
		}
}

/* What does not depend on load: one traced run each. */
static void measure_counts(const char *bundle, const char *name, const char *title)
{
	for (int r = 0; r < runtime_count; r++) {
		char id[64];

		if (runtimes[r].is_floor && strncmp(bundle, "default", 7) != 0)
			continue;
		snprintf(id, sizeof(id), "count%d", serial++);
		struct count count = count_run(command(r, "run", bundle, id));
		series_add(&row_named(name, title, "")->series[r], (double)count.calls);
	}
}

/* Private memory of the init that waits for start, from its smaps_rollup. */
static void measure_waiting(void)
{
	for (int r = 0; r < runtime_count; r++) {
		char id[64], path[64], line[256];
		double total = 0;
		pid_t pid = 0;
		FILE *file;

		if (runtimes[r].is_floor)
			continue;
		snprintf(id, sizeof(id), "waiting%d", serial++);
		sample_run(command(r, "create", "default-wait", id));
		snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
		if ((file = fopen(path, "re"))) {
			if (fscanf(file, "%d", &pid) != 1)
				pid = 0;
			fclose(file);
		}
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
		if (pid && (file = fopen(path, "re"))) {
			long kib;

			while (fgets(line, sizeof(line), file))
				if (sscanf(line, "Private_Clean: %ld", &kib) == 1 ||
					sscanf(line, "Private_Dirty: %ld", &kib) == 1)
					total += (double)kib;
			fclose(file);
		}
		if (total > 0)
			series_add(&row_named("waiting", "private memory of a waiting init", "KiB")
					    ->series[r],
				total);
		sample_run(command(r, "delete-force", NULL, id));
		reap_all();
	}
}

static void measure_all(void)
{
	measure_run("default-true", "run-gap", "run, 60 ms gap", 60);
	measure_run("default-true", "run-row", "run, in a row", 0);
	measure_run("engine-true", "run-engine-gap", "run, docker-like, 60 ms gap", 60);
	measure_run("engine-true", "run-engine-row", "run, docker-like, in a row", 0);
	measure_lifecycle("default-true", "cycle", "create+start+delete, 60 ms gap", 60);
	measure_lifecycle(
		"engine-true", "cycle-engine", "create+start+delete, docker-like, gap", 60);
	measure_verbs(60);
	measure_parallel("default-true", 2, 40);
	measure_parallel("default-true", 8, 100);
	measure_parallel("default-true", 32, 100);
	measure_counts("default-true", "calls", "run, system calls");
	measure_counts("engine-true", "calls-engine", "run, docker-like, system calls");
	measure_waiting();
}

static void runtime_add(char *definition)
{
	char *path = strchr(definition, '=');
	struct runtime *runtime = &runtimes[runtime_count];

	if (!path || access(path + 1, X_OK) < 0 || runtime_count == RUNTIMES)
		return;
	*path = '\0';
	runtime->name = definition;
	runtime->path = path + 1;
	runtime->is_floor = strcmp(definition, "floor") == 0;
	runtime_count++;
}

int main(int argc, char **argv)
{
	const char *json = NULL, *picture = NULL;
	int option;

	while ((option = getopt(argc, argv, "r:j:s:d:")) != -1) {
		if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 'j')
			json = optarg;
		else if (option == 's')
			picture = optarg;
		else if (option == 'd')
			bundles = optarg;
		else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		runtime_add(argv[i]);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	measure_all();
	report_table(rows, row_count, runtimes, runtime_count);
	if (json && report_json(json, rows, row_count, runtimes, runtime_count) < 0)
		perror(json);
	if (picture && report_picture(picture, rows, row_count, runtimes, runtime_count) < 0)
		perror(picture);
	return 0;
}

/*
 * How much things take: system calls, page faults, memory. These do not depend on the load of the
 * machine, so that a few measurements are enough.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRIES 5
#define LIMIT_MAX 32768 /* KiB */
#define LIMIT_STEP 4

static void measure_counts(const struct bench *bench, struct table *table, int r)
{
	static const struct {
		const char *bundle, *name, *title;
	} rows[] = {
		{"default-true", "calls", "run, system calls"},
		{"engine-true", "engine-calls", "run, docker-like, system calls"},
	};
	char id[ID_SIZE];
	struct count count;

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		if (row > 0 && bench->runtimes[r].is_floor)
			return;
		command_id(id);
		count = count_run(command_line(bench, r, "run", rows[row].bundle, id));
		if (count.status == 0)
			table_add(
				table, rows[row].name, rows[row].title, "", r, (double)count.calls);
	}
}

static void measure_run(const struct bench *bench, struct table *table, int r)
{
	for (int i = 0; i < TRIES; i++) {
		char id[ID_SIZE];
		struct sample sample;

		command_id(id);
		sample = sample_run(command_line(bench, r, "run", "default-true", id));
		if (sample.status != 0)
			continue;
		table_add(table, "faults", "run, page faults", "", r, (double)sample.faults);
		table_add(table, "peak", "run, peak memory of a process", "KiB", r,
			(double)sample.peak);
	}
}

/* The child that create left to us. */
static pid_t orphan_find(void)
{
	char path[64];
	FILE *file;
	pid_t pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

/* KiB that no other process shares. */
static long private_memory(pid_t pid)
{
	char path[64], line[256];
	long total = 0, size;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Clean: %ld", &size) == 1 ||
			sscanf(line, "Private_Dirty: %ld", &size) == 1)
			total += size;
	if (file)
		fclose(file);
	return total;
}

static void measure_waiting(const struct bench *bench, struct table *table, int r)
{
	char id[ID_SIZE];

	command_id(id);
	if (sample_run(command_line(bench, r, "create", "default-wait", id)).status == 0)
		table_add(table, "waiting", "private memory of a waiting init", "KiB", r,
			(double)private_memory(orphan_find()));
	sample_run(command_line(bench, r, "remove", NULL, id));
	command_reap();
}

/* Writes the bundle's configuration with this limit for its memory. */
static bool limit_write(const struct bench *bench, int limit)
{
	char path[512], text[16384], *mark;
	FILE *file;
	size_t length = 0;

	snprintf(path, sizeof(path), "%s/limit-true/template", bench->bundles);
	file = fopen(path, "re");
	if (file) {
		length = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	mark = strstr(text, "@LIMIT@");
	snprintf(path, sizeof(path), "%s/limit-true/config.json", bench->bundles);
	file = mark ? fopen(path, "we") : NULL;
	if (!file)
		return false;
	fprintf(file, "%.*s%lld%s", (int)(mark - text), text, limit * 1024LL,
		mark + strlen("@LIMIT@"));
	return fclose(file) == 0;
}

static bool limit_is_enough(const struct bench *bench, int r, int limit)
{
	bool enough = limit_write(bench, limit);

	for (int i = 0; enough && i < TRIES; i++) {
		char id[ID_SIZE];

		command_id(id);
		enough = sample_run(command_line(bench, r, "run", "limit-true", id)).status == 0;
		if (!enough)
			sample_run(command_line(bench, r, "remove", NULL, id));
	}
	return enough;
}

/* The smallest memory limit with which the container starts, time after time. */
static void measure_limit(const struct bench *bench, struct table *table, int r)
{
	int low = 0, high = LIMIT_MAX / LIMIT_STEP;

	if (!limit_is_enough(bench, r, LIMIT_MAX))
		return;
	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (limit_is_enough(bench, r, middle * LIMIT_STEP))
			high = middle;
		else
			low = middle;
	}
	table_add(table, "limit", "smallest memory limit that starts", "KiB", r,
		(double)(high * LIMIT_STEP));
}

void measure_sizes(const struct bench *bench, struct table *table)
{
	for (int r = 0; r < bench->count; r++) {
		measure_counts(bench, table, r);
		measure_run(bench, table, r);
		if (bench->runtimes[r].is_floor)
			continue;
		measure_waiting(bench, table, r);
		measure_limit(bench, table, r);
	}
}

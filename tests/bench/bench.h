/* The benchmark: real runtimes, interleaved round by round in one run, measured from outside. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define RUNTIMES 8
#define SAMPLES 512
#define ID_SIZE 64

struct runtime {
	const char *name;
	const char *path;
	bool is_floor; /* takes ROOTFS NAME PROGRAM instead of verbs */
};

/* What a benchmark is asked to do. */
struct bench {
	struct runtime runtimes[RUNTIMES]; /* the others are compared with the first */
	int count;
	const char *bundles; /* made by bundles.sh */
	int rounds;
	int crowd; /* containers that exist while list is measured */
};

/* ---- sample.c: one command ---- */

/* What it cost. Times in microseconds, memory in KiB. */
struct sample {
	int status; /* exit status, 128+signal, -1 when it could not be started */
	double wall;
	double cpu; /* of the command and everything that it waited for */
	long peak;
	long faults;
};

/* Runs argv with output to /dev/null and waits. */
struct sample sample_run(char *const *argv);

/* Starts argv without waiting; the pid, or -1. */
pid_t sample_start(char *const *argv);

/* ---- count.c: the same under ptrace, with everything it starts ---- */

struct count {
	int status; /* as of a sample */
	long calls;
	long own; /* of the first process alone */
	long executions;
	long processes;
};

struct count count_run(char *const *argv);

/* ---- command.c: command lines ---- */

/*
 * The command line of a runtime's verb: bundle and id may be NULL. "remove" is delete with --force.
 * The floor knows "run" alone. Static memory, until the next call.
 */
char **command_line(const struct bench *bench, int runtime, const char *verb, const char *bundle,
	const char *id);

/* An id that has not been used before. */
void command_id(char id[ID_SIZE]);

/*
 * In mounts of our own: leaves version 2 of cgroups alone, at its usual place, as on a host that
 * has no other. 0, or -1 and errno.
 */
int stage_unified(void);

/* Removes the containers of an earlier run that was killed. */
void command_clear(const struct bench *bench);

/* Ends what create left to us as a subreaper. */
void command_reap(void);

/* ---- table.c: figures ---- */

/* One figure of one runtime. */
struct series {
	int count;
	double values[SAMPLES];
};

struct row {
	const char *name; /* "run-gap" */
	const char *title;
	const char *unit;
	struct series series[RUNTIMES];
};

struct table {
	int count;
	struct row rows[64];
};

/* Adds a value to the row of this name, which the first call makes. The strings stay the caller's.
 */
void table_add(struct table *table, const char *name, const char *title, const char *unit,
	int runtime, double value);

double series_quantile(const struct series *series, double q);

/* Median over the rounds of a's value divided by b's. */
double series_ratio(const struct series *a, const struct series *b);

/* ---- times.c, sizes.c, crowd.c: what is measured ---- */

void measure_times(const struct bench *bench, struct table *table);
void measure_unified(const struct bench *bench, struct table *table);
void measure_sizes(const struct bench *bench, struct table *table);
void measure_crowd(const struct bench *bench, struct table *table);

/* ---- report.c, picture.c ---- */

void report_table(const struct bench *bench, const struct table *table);

/* 0, or -1 and errno. */
int report_json(const char *path, const struct bench *bench, const struct table *table);
int report_picture(const char *path, const struct bench *bench, const struct table *table);

/* The benchmark: real runtimes, interleaved round by round in one run, measured from outside. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RUNTIMES 8
#define SAMPLES 512

struct runtime {
	const char *name; /* basename, or the name given as NAME=PATH */
	const char *path;
	int is_floor; /* takes ROOTFS NAME PROGRAM instead of verbs */
};

/* What one command cost. Times in microseconds, memory in KiB. */
struct sample {
	int status; /* exit status, 128+signal, -1 when it could not be started */
	double wall;
	double cpu; /* of the command and everything that it waited for */
	long peak;
	long faults;
};

/* What one command did, counted by tracing it: independent of load. */
struct count {
	long calls;
	long executions;
	long processes;
};

/* Runs argv with output to /dev/null and waits. */
struct sample sample_run(char *const *argv);

/* Starts argv without waiting; the pid, or -1. */
pid_t sample_start(char *const *argv);

/* The same under ptrace, with everything it starts: system calls, execs, forks. */
struct count count_run(char *const *argv);

/* Series of one figure for one runtime. */
struct series {
	int count;
	double values[SAMPLES];
};

void series_add(struct series *series, double value);
double series_quantile(const struct series *series, double q);
/* Median over rounds of a's value divided by b's. */
double series_ratio(const struct series *a, const struct series *b);

/* One row of the table. */
struct row {
	const char *name; /* "run-gap" */
	const char *title;
	const char *unit;
	struct series series[RUNTIMES];
};

/* Prints the table; writes JSON and the picture where a path is given. */
void report_table(
	const struct row *rows, int row_count, const struct runtime *runtimes, int runtime_count);
int report_json(const char *path, const struct row *rows, int row_count,
	const struct runtime *runtimes, int runtime_count);
int report_picture(const char *path, const struct row *rows, int row_count,
	const struct runtime *runtimes, int runtime_count);

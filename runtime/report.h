/* The only place that speaks: errors and warnings to stderr and the log file, once, at the end of the process. */
#pragma once

#include <stdbool.h>

#include "spec/error.h"
#include "spec/table.h"

/* Set up once from the global options. format: "text" or "json"; path NULL: stderr only. program: basename of argv[0]. */
int report_open(const char *program, const char *path, const char *format, bool debug,
	struct error *err);

/*
 * Prints an error: one bare readable line on stderr ("mydocker: create: /mounts/3: cannot ...: ...; hint"), and one record in the log.
 * With --log-format json the record is {"level":"error","msg":...,"time":RFC3339,"code","step","pointer","value","errno","hint"}; exactly one line.
 */
void report_error(const char *verb, const struct error *err);

/* Warnings go to the log; to stderr only when there is no log. */
void report_warning(const char *pointer, const char *text);
void report_warnings(const struct warnings *warnings);

/* Only with --debug. */
__attribute__((format(printf, 1, 2))) void report_debug(const char *format, ...);

const char *report_program(void);

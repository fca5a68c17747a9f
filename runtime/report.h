/*
 * The only place that speaks: errors and warnings to stderr and the log file, once, at the end of
 * the process.
 */
#pragma once

#include <stdbool.h>

#include "spec/error.h"
#include "spec/table.h"

/*
 * Set up once from the global options. format: "text" (also when NULL) or "json"; path: where the
 * log goes (log_sink.h); NULL: stderr only, which is then the log that the format is for. program:
 * basename of argv[0]. 0, or a negative errno with err filled; what follows is reported to stderr
 * then.
 */
int report_open(
	const char *program, const char *path, const char *format, bool debug, struct error *err);

/* Speaks to fd, which stays the caller's, instead of stderr; negative: to nobody but the log. */
void report_to(int fd);

/* What is logged from now on: "error", "warning" or "debug". 0, or -EINVAL with err. */
int report_set_level(const char *level, struct error *err);

/*
 * Prints an error: one bare readable line on stderr
 * ("mydocker: create: /mounts/3: cannot ...: ...; hint"), and one record in the log. In JSON that
 * is {"level":"error","msg":...,"time":RFC 3339,"code","step","pointer","value","errno","hint"},
 * and the only line of this process: some engines read the whole file as one object. Warnings are
 * its member "warnings" then, and what --debug tells its member "debug".
 */
void report_error(const char *verb, const struct error *err);

/*
 * Warnings go to the log; to stderr only when there is no log. pointer may be "" or NULL. Those for
 * a JSON log wait for the end of the process, see report_error.
 */
void report_warning(const char *pointer, const char *text);
void report_warnings(const struct warnings *warnings);

/* At the end of the process, or when it goes on as something else: what waited is written. */
void report_close(void);

/* Whether --debug, or --log-level debug, was given. */
bool report_is_debug(void);

/*
 * Only with --debug: a record in the log's format, on stderr when there is no log. Those for a JSON
 * log wait for the end of the process, too.
 */
__attribute__((format(printf, 1, 2))) void report_debug(const char *format, ...);

/* The name that report_open was given; "mydocker" before. */
const char *report_program(void);

/*
 * The one record of what went wrong: filled once, at the first failure, by whoever knows the story;
 * printed once, at the end of the process (runtime/report.h). See README "Errors".
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

enum error_code {
#define CODE(name, meaning, status, advice) ERROR_##name,
#include "spec/error.def"
#undef CODE
	ERROR_CODES
};

struct error {
	enum error_code code;
	int number;        /* positive errno, 0 when none fits */
	char step[32];     /* plan step or operation: "mount", "limit" */
	char pointer[256]; /* JSON pointer into config.json, or "" */
	char value[128];   /* the offending value, or "" */
	char hint[256];    /* what to do, or "" */
	char message[1024];
};

/*
 * Fills err unless it is filled already (the first failure wins). The message is one line of plain
 * prose without a trailing stop; number is the errno that caused it (its text is not added: say it
 * in the message where it helps). Returns -number, or -EINVAL when number is 0, so that callers can
 * `return error_set(...)`.
 */
__attribute__((format(printf, 4, 5))) int error_set(
	struct error *err, enum error_code code, int number, const char *format, ...);

/* Adds to a filled record what is still empty in it; each returns nothing and never overwrites. */
__attribute__((format(printf, 2, 3))) void error_pointer(
	struct error *err, const char *format, ...);
__attribute__((format(printf, 2, 3))) void error_value(struct error *err, const char *format, ...);
__attribute__((format(printf, 2, 3))) void error_hint(struct error *err, const char *format, ...);
__attribute__((format(printf, 2, 3))) void error_step(struct error *err, const char *format, ...);

/* Empties the record for another use. */
void error_clear(struct error *err);

/* "CONFIG_TYPE" for ERROR_CONFIG_TYPE; its meaning; what mostly helps; the exit status of a verb
 * that ends with it. */
const char *error_code_name(enum error_code code);
const char *error_code_meaning(enum error_code code);
const char *error_code_advice(enum error_code code);
int error_code_status(enum error_code code);

/* A filter's answers, as far as architecture and number decide (seccomp(2), struct seccomp_data).
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "spec/arena.h"

/* Decided: the filter returns value. Open: instruction value is the first that looks at more. */
struct outcome {
	bool open;
	uint32_t value;
};

/*
 * The outcome for one architecture (AUDIT_ARCH_*) and number. False when the program does what is
 * not understood before that. Pure.
 */
bool outcome_find(const struct sock_filter *program, uint32_t count, uint32_t arch, uint32_t number,
	struct outcome *outcome);

/* Ascending, each once. In between two numbers that follow each other nothing changes. */
struct survey {
	uint32_t *archs; /* all that the program knows */
	uint32_t arch_count;
	uint32_t *numbers; /* where outcomes may change; the first is 0 */
	uint32_t number_count;
};

/* Looks at everything that a program can do before an outcome. False when that is not understood,
 * or without memory. The lists live in arena. */
bool outcome_survey(const struct sock_filter *program, uint32_t count, struct arena *arena,
	struct survey *survey);

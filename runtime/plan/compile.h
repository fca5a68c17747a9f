/*
 * The plan compiler: struct spec and a few facts about the host in, a plan out. Pure: no system
 * call, no privilege, the same input gives the same bytes. What each property becomes is in
 * compile_*.c, one file per group of properties, called in the order of the steps.
 */
#pragma once

#include "runtime/plan/build.h"
#include "runtime/plan/compile_input.h"

/* Compiles create/run, or exec when input->exec. Returns 0 or -errno with err (pointer included).
 */
int plan_compile(const struct compile_input *input, struct arena *arena, struct compiled *compiled,
	struct error *err);

/*
 * Writes the plan for a person (one line per step: number, side, name, arguments, pointer) or as
 * JSON "mydocker.plan/1". Returns 0 or -errno with err.
 */
int plan_print(int fd, const struct compiled *compiled, const struct spec *spec, bool json,
	struct error *err);

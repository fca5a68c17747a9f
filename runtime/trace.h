/*
 * --trace FILE: where a verb spends its time, as laps of the host, one after the other, and as the
 * ends of the gate's steps, which it stamps into memory that it shares with us. Both sides read the
 * same clock. Without the option nothing here does anything, and no plan has a step for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/plan/build.h"

/*
 * Makes FILE (truncates it) and the memory; the first lap begins. What forks of this process note
 * counts too. Returns 0 or -errno with err.
 */
int trace_open(const char *path, struct error *err);

bool trace_is_on(void);

/* A lap has ended that is called name (static): what has been done since the one before. */
void trace_lap(const char *name);

/* The plan of this verb: its steps' names and pointers. */
void trace_plan(const struct compiled *compiled, const struct spec *spec);

/* The same as trace_lap for a step that the host has done. */
void trace_step(uint32_t index);

/* For how many steps there is room (0: nothing is traced), and the memory's descriptor for the
 * gate, -1: none; it stays the trace's. */
uint32_t trace_room(void);
int trace_memory(void);

/* The process whose gate stamps; and that its program runs now. */
void trace_gate(pid_t pid);
void trace_runs(void);

/*
 * The environment of a hook: when something is traced, with the caller's TRACEPARENT (W3C Trace
 * Context), unless it sets one itself. What is new lives in arena.
 */
struct string_list trace_environment(const struct string_list *environment, struct arena *arena);

/* Writes the file. command: the verb. Returns 0 or -errno with err. */
int trace_close(const char *command, struct error *err);

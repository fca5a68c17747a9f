/* What --debug adds to the log while a container or a process in it is made. */
#pragma once

#include "runtime/walk_state.h"

/*
 * The plan, a line a step: who does it, its kind and what it is about. The masks of CPU affinities
 * and the flags of the seccomp filter are said in numbers, as the kernel gets them. Costs nothing
 * without --debug.
 */
void commentary_plan(const struct walk *walk);

/* The process that will be the container's, or the exec's, has been born and has done its steps. */
void commentary_ready(const struct walk *walk);

/* It has closed its end of the wire: it runs the program, or waits at the door. */
void commentary_done(const struct walk *walk);

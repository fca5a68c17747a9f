/* From the limits of a cgroup to the properties of its unit. Only cgroup/compile.c includes it. */
#pragma once

#include "runtime/cgroup/limits.h"

/*
 * Gives the lines whose values systemd rounds the rounded ones, with a warning, so that it changes
 * nothing when it writes them again. Each of these three does nothing without a unit.
 */
void unit_compile_lines(struct limits *limits);

/* Adds the step that makes the scope: before its directories. */
void unit_compile_scope(struct limits *limits);

/* Adds the step that changes the unit, after the lines of the update; none when nothing changes
 * that a property says. */
void unit_compile_change(struct limits *limits);

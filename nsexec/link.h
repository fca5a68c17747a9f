/* Symbolic links inside the container's root. */
#pragma once

struct gate;

/*
 * Makes path a link with this text. What is there already stays: it is left alone, or, if same is
 * nonzero, must be a link with the same text. Returns 0, or -errno through gate_failed.
 */
int link_make(struct gate *gate, const char *path, const char *text, int same);

/*
 * The gate, seen from the runtime: what is executed, and how it is recognised.
 *
 * The same objects make two images: a tiny static program of its own (embedded in mydocker, run
 * from a sealed memfd), and mydocker itself, for hosts where memfds may not be executed. Either way
 * the constructor in nsexec.c runs before main and does nothing unless argv[0] is WIRE_GATE_NAME
 * followed by a number. Then the descriptor of this number delivers the PLAN; a process that is
 * called so and gets none ends at once.
 */
#pragma once

#include <stddef.h>

/* 1 when this process was executed as the gate: the constructor has walked the plan up to birth. */
int nsexec_is_gate(void);

/* Walks the rest of the plan; returns only on failure, with the process's exit status. */
int nsexec_main(void);

/* The embedded image (runtime/image.c): start and length. */
extern const char nsexec_image[];
extern const char nsexec_image_end[];

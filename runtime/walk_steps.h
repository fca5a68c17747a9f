/* The host's own steps and the descriptors that travel with a plan. */
#pragma once

#include "runtime/walk_state.h"

/*
 * Does one step of side HOST but the clone; nothing for the other sides. A failure's record has the
 * step's name and the pointer that it comes from. Returns 0 or -errno.
 */
int walk_step(struct walk *walk, uint32_t index, struct error *err);

/* Adds to a failure which step it was and where in the configuration it comes from. */
void walk_step_blame(const struct walk *walk, uint32_t index, struct error *err);

/*
 * Opens the descriptor of one slot into fds[slot], unless it is open already. DOOR, CONSOLE and
 * PROCESS are the caller's own. Returns 0 or -errno with err.
 */
int walk_slot_open(struct walk *walk, uint32_t slot, int *fds, struct error *err);

/* Closes the descriptors that walk_slot_open opened. */
void walk_slots_close(const struct walk *walk, int *fds);

/*
 * The seccomp step's program, and the connection to who is asked about system calls: into
 * walk->handover. step NULL: there is none. Returns 0 or -errno with err.
 */
int walk_filter_open(struct walk *walk, const struct plan_step *step, struct error *err);

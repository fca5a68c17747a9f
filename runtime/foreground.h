/* Waiting for a program in the foreground: run and exec without --detach. */
#pragma once

#include <stdbool.h>

#include "runtime/walk.h"

/*
 * Blocks the signals that are to be forwarded, so that none is lost between the process's birth and
 * the wait. Before walk_create: the gate and hooks do not inherit the mask.
 */
void foreground_begin(void);

/* Makes this process the reaper of what the container's processes leave behind, until
 * foreground_wait returns; their zombies are collected there. */
void foreground_adopt(void);

/*
 * Forwards signals, and with a terminal (master >= 0) relays it, until the walk's process has
 * ended; reaps it. Returns its exit code, 128 + signal when one ended it (walk->signal tells it
 * from a program that exits with such a code), or -errno with err.
 */
int foreground_wait(struct walk *walk, int master, struct error *err);

/* run -d: the container's parent is a monitor that stays behind. */
#pragma once

#include "runtime/creation.h"

/*
 * Makes and starts the planned container in the background and prints its id. With a terminal the
 * console socket's owner serves it and there is no monitor; else a monitor keeps its output.
 * Returns 0 when the program runs, or -errno with err and nothing left.
 */
int run_detached(struct creation *creation, const struct command *command, struct error *err);

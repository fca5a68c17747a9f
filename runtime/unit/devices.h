/* Device rules as properties of a unit. Only unit/compile.c includes this. */
#pragma once

#include "runtime/cgroup/limits.h"
#include "runtime/unit/words.h"

/*
 * Adds DeviceAllow, emptied and filled, and then DevicePolicy. systemd knows lists of what is
 * allowed, of single devices, all of one number, and all. What it cannot say it allows where our
 * own filter is in force beside it; else it is left out, with a warning.
 */
void unit_devices_add(struct unit_words *words, struct limits *limits);

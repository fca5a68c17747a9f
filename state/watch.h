/* Being told that something in a container's directory has changed. */
#pragma once

#include "state/store.h"

/*
 * A descriptor (inotify, non-blocking) that is readable when a file of the directory is made,
 * written, renamed into place or removed; -1 when the user has no instance left. The caller closes
 * it.
 */
int directory_watch(int directory);

/* Reads away what woke us. */
void directory_watch_drain(int watch);

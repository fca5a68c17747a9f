/* What is true about a container now: asked of the kernel, never of the record's status. */
#pragma once

#include "state/record.h"

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

/* "created" and so on, as `state` prints it. */
const char *status_word(enum status status);

/*
 * Derives the status: no init yet -> creating (or stopped when the creator is dead: a leftover);
 * dead, zombie or another start time -> stopped; still the gate's image, or none was recorded,
 * while the creator lives -> creating; frozen -> paused; still the gate's image -> created; else
 * running. About six system calls.
 */
enum status status_derive(const struct spec_record *record);

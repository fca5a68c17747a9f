/* The options of a filesystem: how its context (fsopen, fspick) is told what to be. */
#pragma once

#include <stdint.h>

struct gate;

/*
 * True when a comma-joined list of options has an entry that a context cannot take: longer than 255
 * bytes, or with a backslash. Pure.
 */
int options_need_mount(const char *data);

/* True when the list has an entry with this name, with or without a value. Pure. */
int options_have(const char *data, const char *name);

/* Sets one option of the context; value NULL: a flag. Returns 0, or -errno through gate_failed. */
int options_set(struct gate *gate, int context, const char *name, const char *value);

/* Sets the superblock's MS_* flags and each entry of data (may be NULL). Returns as options_set. */
int options_set_all(struct gate *gate, int context, uint64_t flags, const char *data);

/* The attributes of a whole subtree on kernels that change one mount at a time. */
#pragma once

#include <stdint.h>

struct gate;

/*
 * Calls change(gate, mount, set, clear) with an O_PATH descriptor of each mount below the attached
 * one that fd (any descriptor of its root) is in, parents first, until one fails. Returns 0 or
 * -errno; -ENOSYS when a mount cannot be reached by its path, as one that is covered by another.
 */
int attributes_below(struct gate *gate, int fd, uint64_t set, uint64_t clear,
	int (*change)(struct gate *gate, int mount, uint64_t set, uint64_t clear));

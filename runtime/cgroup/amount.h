/* Amounts in the files of a cgroup. Pure. */
#pragma once

#include <stdint.h>

/*
 * A number, with one of the units K, M, G, T, P and E that the kernel takes of who writes amounts
 * of memory. What is no number ("max", "-1") is UINT64_MAX: no limit.
 */
uint64_t cgroup_amount(const char *text);

/* Weights of cgroup v1 on the scales of v2. Pure. */
#pragma once

#include <stdint.h>

/*
 * cpu.shares 2..262144 as cpu.weight 1..10000, by the curve through (2, 1), (1024, 100) and
 * (262144, 10000): ceil(10^((l^2 + 125 l) / 612 - 7/34)) with l = log2(shares). Both defaults meet.
 */
uint64_t cgroup_weight_of_shares(uint64_t shares);

/* blkio weight 10..1000 as io.weight 1..10000, linear. */
uint64_t cgroup_weight_of_blkio(uint64_t weight);

/*
 * Which namespaces are born with the clone, lent to it, joined, unshared late, and whether a hop is needed: decided
 * once, here, by a pure function over {absent, new, by path} for all eight. Reasons are in policy.c.
 */
#pragma once

#include <stdint.h>

struct namespace_policy {
	uint32_t born;	   /* CLONE_NEW* given to clone3 */
	uint32_t lent;	   /* CLONE_NEWPID when the host sets it for its child before the clone */
	uint32_t joined;   /* joined by the gate, through descriptors, before the user namespace */
	uint32_t user;	   /* CLONE_NEWUSER when the gate joins one by path (after the others) */
	uint32_t unshared_first; /* CLONE_NEWUSER when a new one is made by the gate */
	uint32_t unshared; /* made by the gate after user is settled (and the cgroup is entered) */
	int map;	   /* the host has to write maps or offsets before the gate goes on */
	int hop;	   /* one fork is needed to get into the new pid namespace */
	int enter_time;	   /* the gate enters its own new time namespace by setns */
};

/*
 * made: CLONE_NEW* to be made new; joined: CLONE_NEW* to be joined by path. The two are disjoint; bits that are in neither are
 * inherited. privileged: the caller has CAP_SYS_ADMIN over the joined ones without joining the user
 * namespace first (root on the host). Returns 0, or -EINVAL when they overlap or name an unknown bit.
 */
int namespace_policy(uint32_t made, uint32_t joined, int privileged,
	struct namespace_policy *policy);

/* All eight bits, in the order in which the tables list them. */
extern const uint32_t namespace_bits[8];

/*
 * Which namespaces are born with the clone, lent to it, joined, unshared late, and whether a hop is
 * needed: decided once, here, by a pure function over {absent, new, by path} for all eight. Reasons
 * are in policy.c.
 *
 * The members stand in the order in which they are carried out; the gate enters its cgroup (v1)
 * before the first that it carries out itself.
 */
#pragma once

#include <stdint.h>

struct namespace_policy {
	uint32_t born;   /* CLONE_NEW* given to clone3 */
	uint32_t lent;   /* CLONE_NEWPID when the host joins it for the length of the clone */
	uint32_t joined; /* joined by the gate through descriptors */
	uint32_t user;   /* CLONE_NEWUSER when the gate joins one */
	uint32_t unshared_first; /* CLONE_NEWUSER, CLONE_NEWTIME: one unshare */
	int map; /* the host writes what these two need; no step when that is nothing */
	uint32_t joined_late; /* joined by the gate, by the rights that the user namespace gave */
	uint32_t unshared;    /* everything else that is new: one unshare */
	int hop;              /* one fork is needed to get into the pid namespace */
	int enter_time;       /* the gate enters its own new time namespace by setns */
};

/*
 * made: CLONE_NEW* to be made new; joined: CLONE_NEW* to be joined by path. The two are disjoint;
 * bits that are in neither are inherited. privileged: the caller has CAP_SYS_ADMIN over the joined
 * ones without joining the user namespace first (root on the host). Returns 0, or -EINVAL when they
 * overlap or name an unknown bit.
 */
int namespace_policy(
	uint32_t made, uint32_t joined, int privileged, struct namespace_policy *policy);

/* All eight bits, in the order in which the tables list them. */
extern const uint32_t namespace_bits[8];

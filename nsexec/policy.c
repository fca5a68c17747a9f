/*
 * Every way into every namespace, and why it is that one.
 *
 * Born: clone3 makes a namespace for the price of the clone, the process is in it from its first
 * instruction, and a pid namespace needs no second process. So this is the way for everything
 * new, with three exceptions:
 *
 *  - user: the gate is executed after the clone, and exec in a user namespace whose ids are not
 *    mapped yet finds no root there: it drops all capabilities. So the gate makes the user
 *    namespace itself, after its exec. Whatever else is new then comes after it, since a namespace
 *    belongs to the user namespace in which it was made, and after the maps, since the kernel gives
 *    files in it (message queues, sysctls) to that namespace's root.
 *  - cgroup: its root is the cgroup of the process that makes it. With CLONE_INTO_CGROUP the kernel
 *    still takes the parent's, and on v1 the gate has entered nothing at its birth.
 *  - time: the clone cannot make one for the child itself, and offsets can be written only as long
 * as nobody lives in it: made by unshare, filled by the host, entered by setns. A fork enters it as
 * well, so a hop makes that setns unnecessary. It shares one call and one handshake with the user
 * namespace; the kernel makes the user namespace first and gives it the other.
 *
 * Lent: setns and unshare of a pid namespace decide only about children. The host joins one for the
 * length of the clone, and its child is born in it; otherwise it takes a hop.
 *
 * Joined: a host with privilege joins before it enters the user namespace, because what it joins
 * may belong to the host (a network namespace made by an engine) and be out of reach from inside. A
 * host without privilege has none over anything until it is in the user namespace.
 */
#include "nsexec/policy.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>

const uint32_t namespace_bits[8] = {CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWUTS,
	CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWCGROUP, CLONE_NEWTIME};

int namespace_policy(
	uint32_t made, uint32_t joined, int privileged, struct namespace_policy *policy)
{
	uint32_t known = 0, users = (made | joined) & CLONE_NEWUSER;

	memset(policy, 0, sizeof(*policy));
	for (unsigned int i = 0; i < 8; i++)
		known |= namespace_bits[i];
	if (((made | joined) & ~known) != 0 || (made & joined) != 0)
		return -EINVAL;

	policy->user = joined & CLONE_NEWUSER;
	if (privileged || !users) {
		policy->lent = joined & CLONE_NEWPID;
		policy->joined = joined & ~(CLONE_NEWUSER | CLONE_NEWPID);
	} else {
		policy->joined_late = joined & ~CLONE_NEWUSER;
	}

	if (!users)
		policy->born = made & ~(CLONE_NEWCGROUP | CLONE_NEWTIME);
	policy->unshared_first = made & (CLONE_NEWUSER | CLONE_NEWTIME);
	policy->unshared = made & ~(policy->born | policy->unshared_first);

	policy->map = policy->unshared_first != 0;
	policy->hop = ((policy->unshared | policy->joined_late) & CLONE_NEWPID) != 0;
	policy->enter_time = (made & CLONE_NEWTIME) && !policy->hop;
	return 0;
}

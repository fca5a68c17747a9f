/*
 * The namespace policy, over all 6,561 combinations of {absent, new, by path} and both kinds of
 * caller. The test does not know how the policy decides. It carries the answer out on a model of
 * what the kernel does, and looks where the process ends up.
 */
#include <errno.h>
#include <linux/sched.h>

#include "nsexec/policy.h"
#include "tests/unit/tap.h"

static const char *const names[8] = {
	"mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time"};

/* One combination and where its process got by following the policy. */
struct trial {
	uint32_t made, joined;
	int privileged;
	struct namespace_policy policy;
	uint32_t new, foreign;             /* namespaces that the process is in now */
	uint32_t new_later, foreign_later; /* that only its children will be in: pid, time */
	uint32_t owned; /* new ones that belong to the user namespace in which it ends */
	int users;      /* the user namespace is settled */
	int hops;
};

/* The model: what each kind of call does to a process. */
static void model_make(struct trial *t, uint32_t bits, int at_clone)
{
	uint32_t children = at_clone ? 0 : CLONE_NEWPID | CLONE_NEWTIME;

	if (bits & CLONE_NEWUSER)
		t->users = 1;
	if (t->users)
		t->owned |= bits;
	t->new |= bits & ~children;
	t->new_later |= bits & children;
}

static void model_join(struct trial *t, uint32_t bits, int at_clone)
{
	uint32_t children = at_clone ? 0 : CLONE_NEWPID;

	if (bits & CLONE_NEWUSER)
		t->users = 1;
	t->foreign |= bits & ~children;
	t->foreign_later |= bits & children;
}

static void model_hop(struct trial *t)
{
	t->hops++;
	t->new |= t->new_later;
	t->foreign |= t->foreign_later;
	t->new_later = t->foreign_later = 0;
}

static void trial_run(struct trial *t)
{
	const struct namespace_policy *p = &t->policy;

	t->users = ((t->made | t->joined) & CLONE_NEWUSER) == 0;
	model_make(t, p->born, 1);
	model_join(t, p->lent, 1);
	model_join(t, p->joined, 0);
	model_join(t, p->user, 0);
	model_make(t, p->unshared_first, 0);
	model_join(t, p->joined_late, 0);
	model_make(t, p->unshared, 0);
	if (p->hop)
		model_hop(t);
	if (p->enter_time) {
		t->new |= t->new_later &CLONE_NEWTIME;
		t->new_later &= ~CLONE_NEWTIME;
	}
}

static unsigned int bits_count(uint32_t bits)
{
	return (unsigned int)__builtin_popcount(bits);
}

/* What must hold in every trial. */

static int ends_where_wanted(const struct trial *t)
{
	return t->new == t->made && t->foreign == t->joined && t->new_later == 0 &&
		t->foreign_later == 0;
}

static int does_each_thing_once(const struct trial *t)
{
	const struct namespace_policy *p = &t->policy;

	return bits_count(p->born) + bits_count(p->unshared_first) + bits_count(p->unshared) ==
		bits_count(t->made) &&
		bits_count(p->lent) + bits_count(p->joined) + bits_count(p->user) +
			bits_count(p->joined_late) ==
		bits_count(t->joined);
}

static int owns_what_it_makes(const struct trial *t)
{
	return t->owned == t->made;
}

static int keeps_its_rights_at_exec(const struct trial *t)
{
	return (t->policy.born & CLONE_NEWUSER) == 0;
}

static int makes_its_cgroup_namespace_in_its_cgroup(const struct trial *t)
{
	return (t->policy.born & CLONE_NEWCGROUP) == 0;
}

static int can_write_time_offsets(const struct trial *t)
{
	const struct namespace_policy *p = &t->policy;

	/* made before the map, inhabited after it */
	return !(t->made & CLONE_NEWTIME) ||
		((p->unshared_first & CLONE_NEWTIME) && p->map && (p->hop || p->enter_time));
}

static int has_ids_before_anything_else_is_made(const struct trial *t)
{
	return !(t->made & CLONE_NEWUSER) ||
		(t->policy.map && t->policy.born == 0 &&
			(t->policy.unshared_first & ~(CLONE_NEWUSER | CLONE_NEWTIME)) == 0);
}

static int joins_by_right(const struct trial *t)
{
	const struct namespace_policy *p = &t->policy;
	uint32_t others = t->joined & ~CLONE_NEWUSER;

	if (t->privileged || !((t->made | t->joined) & CLONE_NEWUSER))
		return (p->lent | p->joined) == others && p->joined_late == 0;
	return p->joined_late == others && (p->lent | p->joined) == 0;
}

static int hops_only_when_it_must(const struct trial *t)
{
	uint32_t pid = (t->made | t->joined) & CLONE_NEWPID;
	int born_in_it = ((t->policy.born | t->policy.lent) & CLONE_NEWPID) != 0;

	return t->hops == (pid && !born_in_it) && (t->policy.lent & ~CLONE_NEWPID) == 0 &&
		!(t->policy.enter_time && t->policy.hop);
}

static int is_born_whole_without_a_user_namespace(const struct trial *t)
{
	return ((t->made | t->joined) & CLONE_NEWUSER) ||
		(t->policy.born == (t->made & ~(CLONE_NEWCGROUP | CLONE_NEWTIME)) && t->hops == 0);
}

static const struct {
	const char *sentence;
	int (*holds)(const struct trial *t);
} laws[] = {
	{"ends in the namespaces that were asked for, itself", ends_where_wanted},
	{"does each thing once", does_each_thing_once},
	{"owns in its last user namespace what it makes", owns_what_it_makes},
	{"is not executed inside a user namespace without ids", keeps_its_rights_at_exec},
	{"makes its cgroup namespace inside its cgroup", makes_its_cgroup_namespace_in_its_cgroup},
	{"can get its time offsets", can_write_time_offsets},
	{"has ids before anything else is made", has_ids_before_anything_else_is_made},
	{"joins while it has the right to", joins_by_right},
	{"hops only when it must", hops_only_when_it_must},
	{"is born whole without a user namespace", is_born_whole_without_a_user_namespace},
};
#define LAWS (sizeof(laws) / sizeof(laws[0]))

static struct {
	unsigned int broken;
	struct trial first;
} verdicts[LAWS];

static void trial_judge(unsigned int combination, int privileged)
{
	struct trial t = {.privileged = privileged};
	int result;

	for (unsigned int i = 0; i < 8; i++, combination /= 3) {
		if (combination % 3 == 1)
			t.made |= namespace_bits[i];
		if (combination % 3 == 2)
			t.joined |= namespace_bits[i];
	}
	result = namespace_policy(t.made, t.joined, privileged, &t.policy);
	if (result == 0)
		trial_run(&t);
	for (unsigned int i = 0; i < LAWS; i++)
		if ((result != 0 || !laws[i].holds(&t)) && verdicts[i].broken++ == 0)
			verdicts[i].first = t;
}

static void combination_print(const struct trial *t)
{
	printf("# first: %s", t->privileged ? "privileged" : "unprivileged");
	for (unsigned int i = 0; i < 8; i++)
		if ((t->made | t->joined) & namespace_bits[i])
			printf(", %s %s", t->made & namespace_bits[i] ? "new" : "joined", names[i]);
	printf("\n");
}

int main(void)
{
	struct namespace_policy policy;

	plan(LAWS + 3);
	for (unsigned int combination = 0; combination < 6561; combination++)
		for (int privileged = 0; privileged <= 1; privileged++)
			trial_judge(combination, privileged);
	for (unsigned int i = 0; i < LAWS; i++) {
		ok(verdicts[i].broken == 0, "in all 6561 combinations the process %s",
			laws[i].sentence);
		if (verdicts[i].broken > 0)
			combination_print(&verdicts[i].first);
	}
	is_number(namespace_policy(CLONE_NEWNS, CLONE_NEWNS, 1, &policy), -EINVAL,
		"new and joined at once is refused");
	is_number(namespace_policy(CLONE_VM, 0, 1, &policy), -EINVAL,
		"a bit that is no namespace is refused");
	is_number(namespace_policy(0, CLONE_FILES, 1, &policy), -EINVAL, "also to join");
	return tap_end();
}

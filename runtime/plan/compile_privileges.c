/*
 * The last privileges, and when they go. A filter needs no_new_privs or CAP_SYS_ADMIN, and should
 * be loaded as late as possible, since it also binds whoever loads it. So:
 *
 *  - The capabilities become the final ones before the process waits for start: a container that
 *    was created and does not run yet holds no more than its program will.
 *  - With a filter and without no_new_privs CAP_SYS_ADMIN is kept besides them until the filter is
 *    in force; it is neither inheritable nor ambient nor bounding.
 *  - A configuration without a capabilities object grants none.
 *
 * A capability that is unknown or cannot be granted is a warning and is left out of all five sets.
 */
#include <linux/capability.h>

#include "runtime/capability.h"
#include "runtime/plan/compile_parts.h"
#include "runtime/seccomp/seccomp.h"
#include "spec/names.h"

#define BIT(number) (1ULL << (number))

/* The entries of a list whose bits are among these are said to be left out. */
static void warn_left_out(
	struct compile *c, const struct string_list *list, uint64_t bits, const char *reason)
{
	for (uint32_t i = 0; bits != 0 && i < list->count; i++) {
		const struct name *name = names_find(&names_capability, list->items[i]);

		if (name != NULL && (bits & BIT(name->value)))
			plan_warn(&c->builder, &list->items[i], "%s is left out: %s",
				list->items[i], reason);
	}
}

/* The bits of a list that can be granted. The others are said once, where they stand first. */
static uint64_t granted(struct compile *c, const struct string_list *list, uint64_t *said)
{
	/* In a user namespace the whole set begins anew; else there is what we have. */
	uint64_t grantable = c->mapped ? UINT64_MAX : c->input->capabilities;
	uint64_t bits = capability_bits(c->input->spec, list, c->input->warnings, c->builder.arena);

	warn_left_out(c, list, bits & ~grantable & ~*said, "it cannot be granted here");
	*said |= bits & ~grantable;
	return bits & grantable;
}

/* What the kernel would not raise. */
static void warn_ambient(struct compile *c, const struct string_list *list, uint64_t bits)
{
	for (uint32_t i = 0; bits != 0 && i < list->count; i++) {
		const struct name *name = names_find(&names_capability, list->items[i]);

		if (name != NULL && (bits & BIT(name->value)))
			plan_warn(&c->builder, &list->items[i],
				"can't raise ambient capability %s: it is not both permitted and "
				"inheritable",
				list->items[i]);
	}
}

void compile_capability_sets(struct compile *c)
{
	static const struct spec_capabilities none;
	const struct spec_capabilities *listed =
		c->process->capabilities != NULL ? c->process->capabilities : &none;
	struct step_capabilities *final = &c->sets.final;
	uint64_t said = 0;

	c->sets.kept = c->linux->seccomp != NULL && !c->process->no_new_privileges.value;
	c->sets.bounding = granted(c, &listed->bounding, &said);
	final->permitted = granted(c, &listed->permitted, &said);
	final->effective = granted(c, &listed->effective, &said);
	final->inheritable = granted(c, &listed->inheritable, &said);
	final->ambient = granted(c, &listed->ambient, &said);
	warn_left_out(
		c, &listed->effective, final->effective & ~final->permitted, "it is not permitted");
	final->effective &= final->permitted;
	/* Engines ask for ambient ones without inheriting any, for every container: not worth a
	 * word, unless others are inherited. */
	if (final->inheritable != 0)
		warn_ambient(c, &listed->ambient,
			final->ambient & ~(final->permitted & final->inheritable));
	final->ambient &= final->permitted & final->inheritable;
}

static const void *capabilities_origin(const struct spec_process *process)
{
	return process->capabilities != NULL ? (const void *)process->capabilities : process;
}

void compile_capabilities(struct compile *c)
{
	struct step_capabilities sets = c->sets.final;

	if (c->process == NULL)
		return;
	if (c->sets.kept) {
		sets.permitted |= BIT(CAP_SYS_ADMIN);
		sets.effective |= BIT(CAP_SYS_ADMIN);
	}
	plan_origin(&c->builder, capabilities_origin(c->process));
	*PLAN_ADD(&c->builder, capabilities) = sets;
}

void compile_privileges(struct compile *c)
{
	const struct spec_process *process = c->process;
	const struct spec_seccomp *seccomp = c->linux->seccomp;
	struct step_seccomp step = {0};

	if (process == NULL)
		return;
	if (process->no_new_privileges.value) {
		plan_origin(&c->builder, &process->no_new_privileges);
		plan_add(&c->builder, STEP_no_new_privs);
	}
	if (seccomp != NULL) {
		plan_origin(&c->builder, seccomp);
		step.flags = seccomp_flags(seccomp);
		if (seccomp_notifies(seccomp))
			compile_agent(c, seccomp, &step);
		*PLAN_ADD(&c->builder, seccomp) = step;
	}
	if (c->sets.kept) {
		plan_origin(&c->builder, capabilities_origin(process));
		*PLAN_ADD(&c->builder, capabilities) = c->sets.final;
	}
}

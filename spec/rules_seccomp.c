/* Rules about seccomp: what a filter would silently not do must not be in the profile. */
#include <linux/seccomp.h>

#include "spec/rules.h"

#define ARGUMENTS 6 /* of a system call */

static bool has_errno(int64_t action)
{
	return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
}

static const void *default_errno(const struct spec_config *config, const void *object)
{
	const struct spec_seccomp *seccomp = object;

	return seccomp->default_errno_ret.given && !has_errno(seccomp->default_action.value)
		? &seccomp->default_errno_ret
		: NULL;
}

static const void *metadata_alone(const struct spec_config *config, const void *object)
{
	const struct spec_seccomp *seccomp = object;

	return seccomp->listener_metadata != NULL && seccomp->listener_path == NULL
		? &seccomp->listener_metadata
		: NULL;
}

static const void *listener_missing(const struct spec_config *config, const void *object)
{
	const struct spec_seccomp *seccomp = object;

	if (seccomp->listener_path == NULL &&
		seccomp->default_action.value == SECCOMP_RET_USER_NOTIF)
		return &seccomp->default_action;
	for (uint32_t i = 0; seccomp->listener_path == NULL && i < seccomp->syscalls.count; i++)
		if (seccomp->syscalls.items[i].action.value == SECCOMP_RET_USER_NOTIF)
			return &seccomp->syscalls.items[i].action;
	return NULL;
}

static const struct rule seccomp_rules[] = {
	{default_errno, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE carry an errno", NULL},
	{metadata_alone, "needs listenerPath", NULL},
	{listener_missing, "SCMP_ACT_NOTIFY needs /linux/seccomp/listenerPath", NULL},
};

static const void *rule_errno(const struct spec_config *config, const void *object)
{
	const struct spec_seccomp_rule *rule = object;

	return rule->errno_ret.given && !has_errno(rule->action.value) ? &rule->errno_ret : NULL;
}

static const void *rule_arguments(const struct spec_config *config, const void *object)
{
	const struct spec_seccomp_rule *rule = object;

	return rule->args.count > ARGUMENTS ? &rule->args : NULL;
}

static const struct rule seccomp_rule_rules[] = {
	{rule_errno, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE carry an errno", NULL},
	{rule_arguments, "a rule has at most 6 conditions", NULL},
};

const struct rule_group rules_of_seccomp[] = {
	RULES(seccomp, seccomp_rules),
	RULES(seccomp_rule, seccomp_rule_rules),
	{0},
};

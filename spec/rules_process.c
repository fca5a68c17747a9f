/* Rules about a process; they hold for one that is read alone too (config is NULL then). */
#include <linux/sched.h>
#include <string.h>

#include "spec/rules.h"

#define CPUS 8192             /* CONFIG_NR_CPUS at most */
#define DEADLINE_RUNTIME 1024 /* the shortest that the kernel takes */

static const void *args_empty(const struct spec_config *config, const void *object)
{
	const struct spec_process *process = object;

	return process->args.count == 0 ? &process->args : NULL;
}

static const void *args_nameless(const struct spec_config *config, const void *object)
{
	const struct spec_process *process = object;

	return process->args.count > 0 && process->args.items[0][0] == '\0'
		? &process->args.items[0]
		: NULL;
}

static const void *env_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_process *process = object;

	for (uint32_t i = 0; i < process->env.count; i++) {
		const char *equals = strchr(process->env.items[i], '=');

		if (equals == NULL || equals == process->env.items[i])
			return &process->env.items[i];
	}
	return NULL;
}

static const void *rlimit_twice(const struct spec_config *config, const void *object)
{
	const struct spec_rlimit_list *list = &((const struct spec_process *)object)->rlimits;
	uint64_t seen = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		uint64_t bit = 1ULL << list->items[i].type.value;

		if (seen & bit)
			return &list->items[i].type;
		seen |= bit;
	}
	return NULL;
}

static const struct rule process_rules[] = {
	{args_empty, "args must not be empty: its first entry is the program", NULL},
	{args_nameless, "the name of the program is empty", NULL},
	{env_malformed, "expected NAME=value, got", NULL},
	{rlimit_twice, "listed twice:", NULL, &names_rlimit},
};

static const void *rlimit_inverted(const struct spec_config *config, const void *object)
{
	const struct spec_rlimit *rlimit = object;

	return rlimit->soft.value > rlimit->hard.value ? &rlimit->soft : NULL;
}

static const struct rule rlimit_rules[] = {
	{rlimit_inverted, "the soft limit is above the hard one", NULL},
};

static bool is_realtime(const struct spec_scheduler *scheduler)
{
	return scheduler->policy.value == SCHED_FIFO || scheduler->policy.value == SCHED_RR;
}

static const void *priority_useless(const struct spec_config *config, const void *object)
{
	const struct spec_scheduler *scheduler = object;

	return scheduler->priority.value != 0 && !is_realtime(scheduler) ? &scheduler->priority
									 : NULL;
}

static const void *priority_missing(const struct spec_config *config, const void *object)
{
	const struct spec_scheduler *scheduler = object;

	return scheduler->priority.value == 0 && is_realtime(scheduler) ? &scheduler->priority
									: NULL;
}

static const void *deadline_useless(const struct spec_config *config, const void *object)
{
	const struct spec_scheduler *scheduler = object;

	if (scheduler->policy.value == SCHED_DEADLINE)
		return NULL;
	return scheduler->runtime.value != 0     ? &scheduler->runtime
		: scheduler->deadline.value != 0 ? &scheduler->deadline
		: scheduler->period.value != 0   ? &scheduler->period
						 : NULL;
}

static const void *deadline_disordered(const struct spec_config *config, const void *object)
{
	const struct spec_scheduler *scheduler = object;
	uint64_t deadline = scheduler->deadline.value;

	if (scheduler->policy.value != SCHED_DEADLINE)
		return NULL;
	if (scheduler->runtime.value < DEADLINE_RUNTIME || scheduler->runtime.value > deadline)
		return &scheduler->runtime;
	return scheduler->period.value != 0 && deadline > scheduler->period.value
		? &scheduler->deadline
		: NULL;
}

static const struct rule scheduler_rules[] = {
	{priority_useless, "only SCHED_FIFO and SCHED_RR have a priority", NULL},
	{priority_missing, "SCHED_FIFO and SCHED_RR need a priority from 1 to 99", NULL},
	{deadline_useless, "only SCHED_DEADLINE has runtime, deadline and period", NULL},
	{deadline_disordered, "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period", NULL},
};

static const void *affinity_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_exec_cpu_affinity *affinity = object;

	if (affinity->initial != NULL && !rule_list_valid(affinity->initial, CPUS))
		return &affinity->initial;
	return affinity->final != NULL && !rule_list_valid(affinity->final, CPUS) ? &affinity->final
										  : NULL;
}

static const struct rule affinity_rules[] = {
	{affinity_malformed, "expected a list of CPUs such as 0-3,7, got", NULL},
};

const struct rule_group rules_of_process[] = {
	RULES(process, process_rules),
	RULES(rlimit, rlimit_rules),
	RULES(scheduler, scheduler_rules),
	RULES(exec_cpu_affinity, affinity_rules),
	{0},
};

/*
 * When the process runs, where its memory comes from, and which kernel it believes to run on:
 * properties that are one system call each, with arguments that must be put together first.
 */
#include <errno.h>
#include <linux/ioprio.h>

#include "runtime/number_list.h"
#include "runtime/plan/compile_parts.h"

#define NODES 1024 /* the most that any kernel is built for */

static uint64_t join_bits(const struct int_list *list)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < list->count; i++)
		bits |= (uint64_t)list->items[i];
	return bits;
}

static void compile_scheduler(struct compile *c, const struct spec_scheduler *listed)
{
	struct step_scheduler *scheduler;

	plan_origin(&c->builder, listed);
	scheduler = PLAN_ADD(&c->builder, scheduler);
	scheduler->policy = listed->policy.value;
	scheduler->flags = join_bits(&listed->flags);
	scheduler->nice = listed->nice.value;
	scheduler->priority = listed->priority.value;
	scheduler->runtime = listed->runtime.value;
	scheduler->deadline = listed->deadline.value;
	scheduler->period = listed->period.value;
}

static void compile_memory_policy(struct compile *c, const struct spec_memory_policy *listed)
{
	uint64_t bits[NODES / 64] = {0};
	struct step_memory_policy *policy;
	plan_bytes nodes = {0};

	plan_origin(&c->builder, listed);
	if (listed->nodes != NULL) {
		if (!number_list_parse(listed->nodes, bits, NODES)) {
			plan_refuse(&c->builder, &listed->nodes, ERROR_CONFIG_RANGE, EINVAL,
				"\"%s\" is not a list of nodes such as 0-3,7", listed->nodes);
			return;
		}
		nodes = plan_copy_bytes(&c->builder, bits, number_list_size(bits, NODES));
	}
	policy = PLAN_ADD(&c->builder, memory_policy);
	policy->mode = (uint64_t)listed->mode.value | join_bits(&listed->flags);
	policy->nodes = nodes;
}

void compile_scheduling(struct compile *c)
{
	const struct spec_process *process = c->process;
	const struct spec_linux *linux = c->linux;

	if (process == NULL)
		return;
	if (process->scheduler != NULL)
		compile_scheduler(c, process->scheduler);
	if (process->io_priority != NULL) {
		plan_origin(&c->builder, process->io_priority);
		PLAN_ADD(&c->builder, io_priority)->value = process->io_priority->class.value
				<< IOPRIO_CLASS_SHIFT |
			process->io_priority->priority.value;
	}
	if (linux->memory_policy != NULL)
		compile_memory_policy(c, linux->memory_policy);
	if (linux->personality != NULL) {
		plan_origin(&c->builder, linux->personality);
		PLAN_ADD(&c->builder, personality)->domain =
			(uint64_t)linux->personality->domain.value;
	}
}

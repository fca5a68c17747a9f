/*
 * Whoever reads a debug log knows other runtimes' logs, too, and looks for the moments that they
 * name: the words for these are theirs.
 */
#include "runtime/commentary.h"

#include <inttypes.h>
#include <linux/seccomp.h>

#include "runtime/plan/fields.h"
#include "runtime/report.h"

/* The mask of the first 64 CPUs. */
static uint64_t affinity_mask(const struct plan *plan, const struct step_affinity *step)
{
	const unsigned char *bytes = plan_data(plan, step->cpus);
	uint64_t mask = 0;

	for (uint32_t i = 0; i < step->cpus.length && i < sizeof(mask); i++)
		mask |= (uint64_t)bytes[i] << (8 * i);
	return mask;
}

/*
 * Loaded with a listener, the filter has a flag more than the configuration says. TSYNC changes
 * nothing for a process with one thread and is not said.
 */
static void seccomp_comment(const struct step_seccomp *step, bool listener)
{
	report_debug("seccomp filter flags: %" PRIu64,
		(step->flags & ~(uint64_t)SECCOMP_FILTER_FLAG_TSYNC) |
			(listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0));
}

static void step_comment(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_kind *kind = &plan_kinds[step->kind];
	char subject[512];

	plan_subject(plan, step, subject, sizeof(subject));
	if (step->kind == STEP_affinity)
		snprintf(subject, sizeof(subject), "0x%" PRIx64,
			affinity_mask(plan, plan_arguments(plan, step)));
	report_debug("%s: %s%s%s", kind->side == HOST ? "host" : "nsexec", kind->name,
		subject[0] != '\0' ? ": " : "", subject);
	if (step->kind == STEP_seccomp) {
		const struct step_seccomp *seccomp = plan_arguments(plan, step);

		seccomp_comment(seccomp, plan_string(plan, seccomp->listener) != NULL);
	}
}

void commentary_plan(const struct walk *walk)
{
	const struct plan *plan = walk->compiled->plan;

	if (!report_is_debug())
		return;
	report_debug("nsexec container setup: %u steps", plan->step_count);
	for (uint32_t i = 0; i < plan->step_count; i++)
		step_comment(plan, &plan_steps(plan)[i]);
}

void commentary_ready(const struct walk *walk)
{
	report_debug("child process in init(): %d", walk->pid);
	if (walk->container == NULL)
		report_debug("setns_init: about to exec");
}

void commentary_done(const struct walk *walk)
{
	report_debug("%s: closing the pipe to signal completion",
		walk->container != NULL ? "init" : "setns_init");
}

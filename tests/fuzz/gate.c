/*
 * Fuzzing the gate's check of a plan: whatever passes it can be walked to the last byte of the last
 * string. (What does not pass is never looked at.)
 */
#include <stdio.h>

#include "nsexec/plan.h"
#include "runtime/plan/fields.h"
#include "tests/fuzz/replay.h"

static void plan_walk(FILE *out, const struct plan *plan)
{
	char subject[256];

	for (uint32_t i = 0; i < plan->slot_count; i++) {
		const char *path = plan_string(plan, plan_slots(plan)[i].path);

		fputs(path != NULL ? path : "", out);
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];

		plan_subject(plan, step, subject, sizeof(subject));
		for (const struct plan_field *field = plan_kinds[step->kind].fields; field->name;
			field++)
			plan_field_text(out, plan, step, field);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *aligned = malloc(size > 0 ? size : 1);
	FILE *out = fopen("/dev/null", "w");

	memcpy(aligned, data, size);
	if (plan_check(aligned, size) == 0)
		plan_walk(out, aligned);
	fclose(out);
	free(aligned);
	return 0;
}

/*
 * The table of step kinds for whoever prints a plan or words a failure. The gate does neither, and
 * its image leaves this out.
 */
#include "nsexec/plan.h"

#define STEP(kind, side, sentence) static const struct plan_field fields_##kind[] = {
#define TEXT(kind, member) {#member, PLAN_TEXT, offsetof(struct step_##kind, member)},
#define LIST(kind, member) {#member, PLAN_LIST, offsetof(struct step_##kind, member)},
#define NUMBER(kind, member) {#member, PLAN_NUMBER, offsetof(struct step_##kind, member)},
#define BITS(kind, member) {#member, PLAN_BITS, offsetof(struct step_##kind, member)},
#define SLOT(kind, member) {#member, PLAN_SLOT, offsetof(struct step_##kind, member)},
#define BYTES(kind, member) {#member, PLAN_BYTES, offsetof(struct step_##kind, member)},
#define END(kind) \
	{ \
		NULL, 0, 0 \
	} \
	} \
	;
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"

const struct plan_kind plan_kinds[STEP_KINDS] = {
#define STEP(kind, side, sentence) \
	{#kind, sentence, side, sizeof(struct step_##kind), fields_##kind},
#define TEXT(kind, member)
#define LIST(kind, member)
#define NUMBER(kind, member)
#define BITS(kind, member)
#define SLOT(kind, member)
#define BYTES(kind, member)
#define END(kind)
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"
};

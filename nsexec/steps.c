/*
 * The table of step kinds, read from steps.def, and the check of a plan against it. The check is
 * the one place that looks at offsets: after it, whoever walks the plan follows them blindly, so it
 * trusts nothing, and is made of the table, so that a new row is checked from its first day.
 */
#include "nsexec/plan.h"

#include <errno.h>
#include <string.h>

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

/* True when count things of size bytes lie at an aligned offset behind the header. */
static int lies_inside(
	const struct plan *plan, uint64_t at, uint64_t count, uint64_t size, uint64_t alignment)
{
	return at >= sizeof(*plan) && at <= plan->size && at % alignment == 0 &&
		count * size <= plan->size - at;
}

static int text_is_good(const struct plan *plan, plan_text text)
{
	if (text.at == PLAN_ABSENT)
		return 1;
	return lies_inside(plan, text.at, 1, 1, 1) &&
		memchr((const char *)plan + text.at, '\0', plan->size - text.at) != NULL;
}

static int list_is_good(const struct plan *plan, plan_list list)
{
	const plan_text *texts = (const plan_text *)((const char *)plan + list.at);

	if (list.count == 0)
		return list.at <= plan->size;
	if (!lies_inside(plan, list.at, list.count, sizeof(*texts), sizeof(uint32_t)))
		return 0;
	for (uint32_t i = 0; i < list.count; i++)
		if (texts[i].at == PLAN_ABSENT || !text_is_good(plan, texts[i]))
			return 0;
	return 1;
}

static int bytes_are_good(const struct plan *plan, plan_bytes bytes)
{
	if (bytes.length == 0)
		return bytes.at <= plan->size;
	return lies_inside(plan, bytes.at, bytes.length, 1, sizeof(uint64_t));
}

static int field_is_good(const struct plan *plan, const struct plan_field *field, const void *value)
{
	switch (field->type) {
	case PLAN_TEXT:
		return text_is_good(plan, *(const plan_text *)value);
	case PLAN_LIST:
		return list_is_good(plan, *(const plan_list *)value);
	case PLAN_BYTES:
		return bytes_are_good(plan, *(const plan_bytes *)value);
	case PLAN_SLOT:
		return *(const int32_t *)value >= -1 &&
			*(const int32_t *)value < (int64_t)plan->slot_count;
	case PLAN_NUMBER:
	case PLAN_BITS:
		return 1;
	}
	return 0;
}

static int step_is_good(const struct plan *plan, const struct plan_step *step)
{
	const struct plan_kind *kind;

	if (step->kind >= STEP_KINDS)
		return 0;
	kind = &plan_kinds[step->kind];
	if (kind->size == 0)
		return step->arguments <= plan->size;
	if (!lies_inside(plan, step->arguments, 1, kind->size, sizeof(uint64_t)))
		return 0;
	for (const struct plan_field *field = kind->fields; field->name != NULL; field++)
		if (!field_is_good(
			    plan, field, (const char *)plan_arguments(plan, step) + field->offset))
			return 0;
	return 1;
}

int plan_check(const void *buffer, size_t length)
{
	const struct plan *plan = buffer;

	if ((uintptr_t)buffer % sizeof(uint64_t) != 0 || length < sizeof(*plan) ||
		plan->magic != PLAN_MAGIC || plan->version != PLAN_VERSION || plan->size != length)
		return -EINVAL;
	if (!lies_inside(plan, plan->steps, plan->step_count, sizeof(struct plan_step), 4) ||
		!lies_inside(plan, plan->slots, plan->slot_count, sizeof(struct plan_slot), 4))
		return -EINVAL;
	if (plan->slot_count > PLAN_SLOTS || plan->birth >= plan->step_count ||
		plan->gate > plan->birth || plan_steps(plan)[plan->birth].kind != STEP_birth)
		return -EINVAL;
	for (uint32_t i = 0; i < plan->slot_count; i++)
		if (plan_slots(plan)[i].kind >= SLOT_KINDS ||
			!text_is_good(plan, plan_slots(plan)[i].path))
			return -EINVAL;
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (!step_is_good(plan, &plan_steps(plan)[i]))
			return -EINVAL;
	return 0;
}

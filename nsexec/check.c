/*
 * The check of a plan. It is the one place that looks at offsets: after it, whoever walks the plan
 * follows them blindly, so it trusts nothing, and is made of steps.def, so that a new row is
 * checked from its first day. The gate carries it: what it needs of the table is a letter for each
 * argument, where plan_kinds has names.
 */
#include "nsexec/plan.h"

#include <errno.h>
#include <string.h>

/* For each kind the types of its arguments, which stand in its struct in this order. */
static const char *const shapes[STEP_KINDS] = {
#define STEP(kind, side, sentence) ""
#define TEXT(kind, member) "t"
#define LIST(kind, member) "l"
#define NUMBER(kind, member) "n"
#define BITS(kind, member) "n"
#define SLOT(kind, member) "s"
#define BYTES(kind, member) "b"
#define END(kind) ,
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

/* How many bytes an argument takes; all are aligned to 4, numbers to 8. */
static uint32_t argument_size(char type)
{
	return type == 't' || type == 's' ? 4 : 8;
}

static int argument_is_good(const struct plan *plan, char type, const void *value)
{
	const int32_t *slot = value;

	switch (type) {
	case 't':
		return text_is_good(plan, *(const plan_text *)value);
	case 'l':
		return list_is_good(plan, *(const plan_list *)value);
	case 'b':
		return bytes_are_good(plan, *(const plan_bytes *)value);
	case 's':
		return *slot >= -1 && *slot < (int64_t)plan->slot_count;
	default:
		return 1;
	}
}

static int step_is_good(const struct plan *plan, const struct plan_step *step)
{
	uint64_t at = step->arguments;

	if (step->kind >= STEP_KINDS || at % sizeof(uint64_t) != 0)
		return 0;
	for (const char *type = shapes[step->kind]; *type != '\0'; type++) {
		uint32_t size = argument_size(*type);

		if (*type == 'n')
			at = (at + 7) & ~7ULL;
		if (!lies_inside(plan, at, 1, size, sizeof(uint32_t)) ||
			!argument_is_good(plan, *type, (const char *)plan + at))
			return 0;
		at += size;
	}
	return at <= plan->size;
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

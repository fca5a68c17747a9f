/*
 * Plans for tests, put together by hand: the runtime's compiler is not what is tested here. A draft
 * has fixed room, so pointers into it stay good; a test may therefore fill in arguments in any
 * order.
 */
#pragma once

#include <assert.h>
#include <string.h>

#include "nsexec/plan.h"

struct draft {
	union {
		struct plan plan;
		char bytes[1 << 18];
	};
	struct plan_step steps[64];
	struct plan_slot slots[8];
};

static void draft_begin(struct draft *d)
{
	memset(d, 0, sizeof(*d));
	d->plan = (struct plan){
		.magic = PLAN_MAGIC, .version = PLAN_VERSION, .size = sizeof(struct plan)};
}

static uint32_t draft_bytes(struct draft *d, const void *bytes, size_t size, uint32_t alignment)
{
	uint32_t at = (d->plan.size + alignment - 1) & ~(alignment - 1);

	assert(at + size <= sizeof(d->bytes));
	if (size > 0)
		memcpy(d->bytes + at, bytes, size);
	d->plan.size = at + (uint32_t)size;
	return at;
}

static plan_text draft_text(struct draft *d, const char *text)
{
	return (plan_text){draft_bytes(d, text, strlen(text) + 1, 1)};
}

/* A list of the strings up to the NULL. */
__attribute__((unused)) static plan_list draft_list(struct draft *d, const char *const *texts)
{
	plan_text items[64];
	uint32_t count = 0;

	for (; texts[count] != NULL; count++)
		items[count] = draft_text(d, texts[count]);
	return (plan_list){draft_bytes(d, items, count * sizeof(*items), 4), count};
}
#define DRAFT_LIST(d, ...) draft_list((d), (const char *const[]){__VA_ARGS__, NULL})

/* A new step; its zeroed arguments, with slots that are absent. */
static void *draft_add(struct draft *d, enum step_kind kind)
{
	static const char zeros[256];
	uint32_t at = draft_bytes(d, zeros, plan_kinds[kind].size, 8);

	if (kind == STEP_birth)
		d->plan.birth = d->plan.step_count;
	d->steps[d->plan.step_count++] = (struct plan_step){kind, at};
	for (const struct plan_field *f = plan_kinds[kind].fields; f->name != NULL; f++)
		if (f->type == PLAN_SLOT)
			*(int32_t *)(d->bytes + at + f->offset) = -1;
	return d->bytes + at;
}
#define DRAFT(d, kind) ((struct step_##kind *)draft_add((d), STEP_##kind))

__attribute__((unused)) static int32_t draft_slot(
	struct draft *d, enum plan_slot_kind kind, const char *path)
{
	d->slots[d->plan.slot_count] = (struct plan_slot){kind, draft_text(d, path)};
	return (int32_t)d->plan.slot_count++;
}

/* The finished plan. */
static const struct plan *draft_end(struct draft *d)
{
	d->plan.steps = draft_bytes(d, d->steps, d->plan.step_count * sizeof(*d->steps), 8);
	d->plan.slots = draft_bytes(d, d->slots, d->plan.slot_count * sizeof(*d->slots), 8);
	return &d->plan;
}

/*
 * plan_check against damaged plans. What it lets through must be safe to walk: so each mutation
 * that passes is walked completely, every string measured, every byte touched. Run with SANITIZE=1
 * this finds any byte outside.
 */
#include <errno.h>

#include "tests/gate/draft.h"
#include "tests/unit/tap.h"

static volatile size_t touched;

static void text_touch(const struct plan *p, plan_text text)
{
	const char *string = plan_string(p, text);

	touched += string == NULL ? 0 : strlen(string);
}

/* Reads everything that the accessors give. */
static void plan_touch(const struct plan *p)
{
	for (uint32_t i = 0; i < p->slot_count; i++)
		text_touch(p, plan_slots(p)[i].path);
	for (uint32_t i = 0; i < p->step_count; i++) {
		const struct plan_step *step = &plan_steps(p)[i];
		const char *arguments = plan_arguments(p, step);

		for (const struct plan_field *f = plan_kinds[step->kind].fields; f->name; f++) {
			const void *value = arguments + f->offset;

			if (f->type == PLAN_TEXT)
				text_touch(p, *(const plan_text *)value);
			else if (f->type == PLAN_LIST)
				for (uint32_t k = 0; k < ((const plan_list *)value)->count; k++)
					touched +=
						strlen(plan_item(p, *(const plan_list *)value, k));
			else if (f->type == PLAN_BYTES)
				for (uint32_t k = 0; k < ((const plan_bytes *)value)->length; k++)
					touched += ((const unsigned char *)plan_data(
						p, *(const plan_bytes *)value))[k];
			else
				touched += (size_t) * (const int32_t *)value;
		}
	}
}

/* A plan in memory of exactly its size, so that a sanitizer sees the byte after it. */
static struct plan *plan_copy(const struct plan *p, uint32_t size)
{
	void *exact = malloc(size);

	memcpy(exact, p, size < p->size ? size : p->size);
	return exact;
}

static struct draft draft;

/* A small plan with every kind of argument. */
static const struct plan *plan_make(void)
{
	uint32_t groups[3] = {1, 2, 3};
	struct step_user *user;
	struct step_program *program;
	struct step_join *join;

	draft_begin(&draft);
	join = DRAFT(&draft, join);
	join->handle = draft_slot(&draft, SLOT_READ, "/proc/1/ns/net");
	DRAFT(&draft, birth);
	DRAFT(&draft, hostname)->name = draft_text(&draft, "host");
	user = DRAFT(&draft, user);
	user->groups = (plan_bytes){draft_bytes(&draft, groups, sizeof(groups), 8), sizeof(groups)};
	program = DRAFT(&draft, program);
	program->args = DRAFT_LIST(&draft, "/bin/true", "one");
	program->env = DRAFT_LIST(&draft, "A=b");
	DRAFT(&draft, exec);
	return draft_end(&draft);
}

/* Tries all values of every byte; false when something unsafe passed (or a sanitizer stops us). */
static unsigned int bytes_mutate(const struct plan *good)
{
	struct plan *p = plan_copy(good, good->size);
	unsigned char *bytes = (unsigned char *)p;
	unsigned int passed = 0;

	for (uint32_t i = 0; i < good->size; i++) {
		unsigned char original = bytes[i];

		for (unsigned int value = 0; value < 256; value++) {
			bytes[i] = (unsigned char)value;
			if (plan_check(p, good->size) == 0) {
				plan_touch(p);
				passed++;
			}
		}
		bytes[i] = original;
	}
	free(p);
	return passed;
}

/* All words at once are put to values that arithmetic likes to trip over. */
static unsigned int words_mutate(const struct plan *good)
{
	const uint32_t values[] = {0, 1, 7, 8, good->size - 1, good->size, good->size + 1,
		INT32_MAX, 0x80000000u, UINT32_MAX - 7, UINT32_MAX};
	struct plan *p = plan_copy(good, good->size);
	uint32_t *words = (uint32_t *)p;
	unsigned int passed = 0;

	for (uint32_t i = 0; i < good->size / 4; i++) {
		uint32_t original = words[i];

		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			words[i] = values[k];
			if (plan_check(p, good->size) == 0) {
				plan_touch(p);
				passed++;
			}
		}
		words[i] = original;
	}
	free(p);
	return passed;
}

static unsigned int lengths_try(const struct plan *good)
{
	unsigned int passed = 0;

	for (uint32_t length = 0; length < good->size; length++) {
		struct plan *p = plan_copy(good, length);

		passed += plan_check(p, length) == 0;
		free(p);
	}
	return passed;
}

/* Checks the plan after one change, and undoes it. */
#define refuses(lvalue, value, sentence) \
	do { \
		__auto_type original_ = (lvalue); \
		(lvalue) = (value); \
		is_number(plan_check(good, good->size), -EINVAL, sentence); \
		(lvalue) = original_; \
	} while (0)

/* True when the plan is refused with this in the place of an argument. */
static int value_is_refused(const struct plan *p, void *place, uint32_t first, uint32_t second)
{
	uint32_t bad[2] = {first, second}, original[2];
	int refused;

	memcpy(original, place, sizeof(original));
	memcpy(place, bad, sizeof(bad));
	refused = plan_check(p, p->size) == -EINVAL;
	memcpy(place, original, sizeof(original));
	return refused;
}

/* Each argument of each kind of step is looked at, whatever row may come to the table. */
static void kinds_test(void)
{
	unsigned int unseen = 0, count = 0;

	draft_begin(&draft);
	for (uint32_t kind = 0; kind < STEP_KINDS; kind++)
		draft_add(&draft, (enum step_kind)kind);
	draft_end(&draft);
	is_number(plan_check(&draft.plan, draft.plan.size), 0, "a plan of every kind of step");
	for (uint32_t kind = 0; kind < STEP_KINDS; kind++)
		for (const struct plan_field *f = plan_kinds[kind].fields; f->name; f++) {
			char *place = draft.bytes + draft.steps[kind].arguments + f->offset;
			int number = f->type == PLAN_NUMBER || f->type == PLAN_BITS;

			count++;
			if (value_is_refused(&draft.plan, place, draft.plan.size, 1) != !number) {
				unseen++;
				printf("# %s of %s\n", f->name, plan_kinds[kind].name);
			}
		}
	is_number(unseen, 0, "in each of its %u arguments an offset outside is refused", count);
}

int main(void)
{
	const struct plan *good = plan_make();
	struct plan *p = &draft.plan;
	struct plan_step *steps = (struct plan_step *)(draft.bytes + p->steps);
	struct step_join *join = (struct step_join *)(draft.bytes + steps[0].arguments);
	struct step_program *program = (struct step_program *)(draft.bytes + steps[4].arguments);
	plan_text *items = (plan_text *)(draft.bytes + program->args.at);

	is_number(plan_check(good, good->size), 0, "a good plan is good");
	plan_touch(good);
	is_number(
		plan_check((const char *)good + 1, good->size), -EINVAL, "alignment is asked for");
	is_number(plan_check(good, good->size + 8), -EINVAL, "a byte more is another plan");
	is_number(lengths_try(good), 0, "no beginning of a plan is a plan");
	refuses(p->magic, p->magic + 1, "another magic");
	refuses(p->version, PLAN_VERSION + 1, "another version");
	refuses(p->birth, p->step_count, "a birth after the end");
	refuses(p->birth, 0, "a birth that is another step");
	refuses(p->gate, p->birth + 1, "a gate after its birth");
	refuses(p->slot_count, PLAN_SLOTS + 1, "more slots than a message carries");
	refuses(steps[0].kind, STEP_KINDS, "a step that is not in the table");
	refuses(join->handle, 1, "a slot that is not there");
	refuses(join->handle, -2, "a slot below none");
	refuses(items[1].at, PLAN_ABSENT, "a list with a hole");
	refuses(program->args.count, UINT32_MAX, "a list without end");
	ok(bytes_mutate(good) > 0, "every value of every byte is refused or safe");
	ok(words_mutate(good) > 0, "every word at its edges is refused or safe");
	kinds_test();
	return tap_end();
}

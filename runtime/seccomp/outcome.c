/*
 * What a filter answers to a system call as far as its architecture and number decide: a program
 * that is looked at so falls into few pieces. Only what libseccomp writes is understood, and all
 * jumps go forward, so that one pass over the instructions sees everything.
 */
#include "runtime/seccomp/outcome.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define JUMP (BPF_JMP | BPF_JA)
#define EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define GREATER (BPF_JMP | BPF_JGT | BPF_K)
#define AT_LEAST (BPF_JMP | BPF_JGE | BPF_K)
#define RETURN (BPF_RET | BPF_K)

#define ARCH offsetof(struct seccomp_data, arch)
#define NUMBER offsetof(struct seccomp_data, nr)

/* What the accumulator may hold at an instruction: bits. */
enum { HOLDS_NOTHING = 1, HOLDS_ARCH = 2, HOLDS_NUMBER = 4 };

bool outcome_find(const struct sock_filter *program, uint32_t count, uint32_t arch, uint32_t number,
	struct outcome *outcome)
{
	uint32_t held = 0;

	for (uint32_t at = 0; at < count; at++) {
		const struct sock_filter *i = &program[at];

		if (i->code == LOAD && (i->k == ARCH || i->k == NUMBER))
			held = i->k == ARCH ? arch : number;
		else if (i->code == JUMP)
			at = i->k < count ? at + i->k : count;
		else if (i->code == EQUAL)
			at += held == i->k ? i->jt : i->jf;
		else if (i->code == GREATER)
			at += held > i->k ? i->jt : i->jf;
		else if (i->code == AT_LEAST)
			at += held >= i->k ? i->jt : i->jf;
		else {
			*outcome = (struct outcome){i->code == LOAD, i->code == LOAD ? at : i->k};
			return i->code == LOAD || i->code == RETURN;
		}
	}
	return false;
}

static bool mark(uint8_t *holds, uint32_t count, uint32_t at, uint8_t what)
{
	if (at >= count)
		return false;
	holds[at] |= what;
	return true;
}

/* One instruction that may be reached. False: it is not one of those that are understood. */
static bool survey_step(const struct sock_filter *program, uint32_t count, uint32_t at,
	uint8_t *holds, struct survey *survey)
{
	const struct sock_filter *i = &program[at];
	bool branches = i->code == EQUAL || i->code == GREATER || i->code == AT_LEAST;

	if (i->code == RETURN)
		return true;
	if (i->code == LOAD)
		return (i->k != ARCH && i->k != NUMBER) ||
			mark(holds, count, at + 1, i->k == ARCH ? HOLDS_ARCH : HOLDS_NUMBER);
	if (i->code == JUMP)
		return i->k < count && mark(holds, count, at + 1 + i->k, holds[at]);
	if (!branches || (holds[at] & HOLDS_NOTHING) ||
		((holds[at] & HOLDS_ARCH) && i->code != EQUAL))
		return false;
	if (holds[at] & HOLDS_ARCH)
		survey->archs[survey->arch_count++] = i->k;
	if (holds[at] & HOLDS_NUMBER) {
		survey->numbers[survey->number_count++] = i->k;
		if (i->k < UINT32_MAX)
			survey->numbers[survey->number_count++] = i->k + 1;
	}
	return mark(holds, count, at + 1 + i->jt, holds[at]) &&
		mark(holds, count, at + 1 + i->jf, holds[at]);
}

static int word_compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static uint32_t words_sort(uint32_t *words, uint32_t count)
{
	uint32_t kept = 0;

	qsort(words, count, sizeof(*words), word_compare);
	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || words[i] != words[kept - 1])
			words[kept++] = words[i];
	return kept;
}

bool outcome_survey(const struct sock_filter *program, uint32_t count, struct arena *arena,
	struct survey *survey)
{
	uint8_t *holds = arena_alloc(arena, count);

	*survey = (struct survey){
		.archs = arena_alloc(arena, (count + 1) * sizeof(uint32_t)),
		.numbers = arena_alloc(arena, (2 * count + 1) * sizeof(uint32_t)),
	};
	if (!holds || !survey->archs || !survey->numbers || count == 0)
		return false;
	holds[0] = HOLDS_NOTHING;
	survey->numbers[survey->number_count++] = 0;
	for (uint32_t at = 0; at < count; at++)
		if (holds[at] && !survey_step(program, count, at, holds, survey))
			return false;
	survey->arch_count = words_sort(survey->archs, survey->arch_count);
	survey->number_count = words_sort(survey->numbers, survey->number_count);
	return true;
}

/*
 * libseccomp's program compares a number with each one that a profile names. But neighbours mostly
 * have the same answer: what is left of a profile of four hundred names are some dozens of ranges,
 * and a search among them is shorter, for the kernel to check and compile at each start and to run
 * at each system call. Rules about arguments are taken over as they are.
 *
 * The new program is compared with the old one at every number where either may change its answer:
 * it is used when they agree on all.
 */
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/seccomp/outcome.h"
#include "runtime/seccomp/seccomp.h"

#define BLOCK_MAX 250 /* instructions of one architecture: a condition jumps over 255 at most */
#define LEAVES_MAX 64
#define NOWHERE (-1)

/* The numbers from start on, up to the next range. */
struct range {
	uint32_t start;
	struct outcome outcome;
};

struct shortening {
	const struct sock_filter *old;
	uint32_t old_count;
	struct sock_filter *new;
	uint32_t new_count;
	uint32_t *
		moved; /* where an open outcome's instruction has gone; from the rest's beginning */
	uint32_t *exits; /* jumps of the new program into the rest */
	uint32_t exit_count;
	struct range *ranges; /* of the architecture at hand */
	uint32_t range_count;
};

/* The search for one architecture: conditions first, then what they lead to. */
struct block {
	uint32_t start;
	int16_t yes[BLOCK_MAX], no[BLOCK_MAX]; /* the leaf that a condition leads to, or NOWHERE */
	struct outcome leaves[LEAVES_MAX];
	uint32_t leaf_count;
};

static bool outcomes_equal(const struct outcome *a, const struct outcome *b)
{
	return a->open == b->open && a->value == b->value;
}

static void put(struct shortening *m, uint16_t code, uint32_t value)
{
	m->new[m->new_count++] = (struct sock_filter)BPF_STMT(code, value);
}

/* ---- the ranges of an architecture ---- */

static bool ranges_find(struct shortening *m, const struct survey *survey, uint32_t arch)
{
	m->range_count = 0;
	for (uint32_t i = 0; i < survey->number_count; i++) {
		struct range range = {.start = survey->numbers[i]};

		if (!outcome_find(m->old, m->old_count, arch, range.start, &range.outcome))
			return false;
		if (i == 0 ||
			!outcomes_equal(&m->ranges[m->range_count - 1].outcome, &range.outcome))
			m->ranges[m->range_count++] = range;
	}
	return true;
}

/* ---- the search ---- */

/* The number of a leaf among those of its block, or NOWHERE when there are too many. */
static int16_t leaf_find(struct block *block, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < block->leaf_count; i++)
		if (outcomes_equal(&block->leaves[i], outcome))
			return (int16_t)i;
	if (block->leaf_count == LEAVES_MAX)
		return NOWHERE;
	block->leaves[block->leaf_count] = *outcome;
	return (int16_t)block->leaf_count++;
}

/* Writes the search in ranges first to end - 1, two or more. False when it becomes too long. */
static bool search_write(struct shortening *m, struct block *block, uint32_t first, uint32_t end)
{
	uint32_t middle = first + (end - first) / 2, at = m->new_count, own = at - block->start;

	if (own >= BLOCK_MAX)
		return false;
	put(m, BPF_JMP | BPF_JGE | BPF_K, m->ranges[middle].start);
	block->yes[own] = block->no[own] = NOWHERE;
	if (middle - first == 1)
		block->no[own] = leaf_find(block, &m->ranges[first].outcome);
	else if (!search_write(m, block, first, middle))
		return false;
	m->new[at].jt = (uint8_t)(m->new_count - at - 1);
	if (end - middle == 1)
		block->yes[own] = leaf_find(block, &m->ranges[middle].outcome);
	else if (!search_write(m, block, middle, end))
		return false;
	return (middle - first > 1 || block->no[own] != NOWHERE) &&
		(end - middle > 1 || block->yes[own] != NOWHERE);
}

/* An answer; or the way into the rest, which is known only later. */
static void leaf_write(struct shortening *m, const struct outcome *outcome)
{
	if (outcome->open)
		m->exits[m->exit_count++] = m->new_count;
	put(m, outcome->open ? BPF_JMP | BPF_JA : BPF_RET | BPF_K, outcome->value);
}

/* Puts the leaves behind the conditions, and leads these there. */
static bool leaves_write(struct shortening *m, struct block *block)
{
	uint32_t leaves = m->new_count;

	if (leaves + block->leaf_count - block->start > BLOCK_MAX)
		return false;
	for (uint32_t i = 0; i < block->leaf_count; i++)
		leaf_write(m, &block->leaves[i]);
	for (uint32_t at = block->start; at < leaves; at++) {
		uint32_t own = at - block->start;

		if (block->yes[own] != NOWHERE)
			m->new[at].jt = (uint8_t)(leaves + (uint32_t)block->yes[own] - at - 1);
		if (block->no[own] != NOWHERE)
			m->new[at].jf = (uint8_t)(leaves + (uint32_t)block->no[own] - at - 1);
	}
	return true;
}

static bool block_write(struct shortening *m)
{
	struct block block = {0};

	if (m->range_count == 1) {
		leaf_write(m, &m->ranges[0].outcome);
		return true;
	}
	put(m, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	block.start = m->new_count;
	return search_write(m, &block, 0, m->range_count) && leaves_write(m, &block);
}

/* The architectures one after the other; what none of them is has to have one answer. */
static bool blocks_write(struct shortening *m, const struct survey *survey)
{
	uint32_t other = 0;

	put(m, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	for (uint32_t i = 0; i < survey->arch_count; i++) {
		uint32_t condition = m->new_count;

		other += survey->archs[i] == other;
		put(m, BPF_JMP | BPF_JEQ | BPF_K, survey->archs[i]);
		if (!ranges_find(m, survey, survey->archs[i]) || !block_write(m))
			return false;
		if (m->new_count - condition - 1 > UINT8_MAX)
			return false;
		m->new[condition].jf = (uint8_t)(m->new_count - condition - 1);
	}
	if (!ranges_find(m, survey, other) || m->range_count != 1)
		return false;
	leaf_write(m, &m->ranges[0].outcome);
	return true;
}

/* ---- the rest: what looks at arguments ---- */

/* Marks what may run after an open outcome: all jumps go forward. */
static bool rest_mark(const struct shortening *m, uint8_t *kept)
{
	for (uint32_t i = 0; i < m->exit_count; i++)
		kept[m->new[m->exits[i]].k] = 1;
	for (uint32_t at = 0; at < m->old_count; at++) {
		const struct sock_filter *i = &m->old[at];
		uint32_t yes = at + 1, no = at + 1;

		if (!kept[at] || BPF_CLASS(i->code) == BPF_RET)
			continue;
		if (i->code == (BPF_JMP | BPF_JA))
			yes = no = i->k < m->old_count ? at + 1 + i->k : m->old_count;
		else if (BPF_CLASS(i->code) == BPF_JMP) {
			yes += i->jt;
			no += i->jf;
		}
		if (yes >= m->old_count || no >= m->old_count)
			return false;
		kept[yes] = kept[no] = 1;
	}
	return true;
}

/* Takes the rest over. Without what is not needed, each jump is at most as far as it was. */
static bool rest_write(struct shortening *m, struct arena *arena)
{
	uint8_t *kept = arena_alloc(arena, m->old_count);
	uint32_t rest = m->new_count, count = 0;

	if (!kept || !rest_mark(m, kept))
		return false;
	for (uint32_t at = 0; at < m->old_count; at++) {
		m->moved[at] = rest + count;
		count += kept[at];
	}
	for (uint32_t at = 0; at < m->old_count; at++) {
		struct sock_filter i = m->old[at];

		if (!kept[at])
			continue;
		if (i.code == (BPF_JMP | BPF_JA))
			i.k = m->moved[at + 1 + i.k] - m->moved[at] - 1;
		else if (BPF_CLASS(i.code) == BPF_JMP) {
			i.jt = (uint8_t)(m->moved[at + 1 + i.jt] - m->moved[at] - 1);
			i.jf = (uint8_t)(m->moved[at + 1 + i.jf] - m->moved[at] - 1);
		}
		m->new[m->new_count++] = i;
	}
	for (uint32_t i = 0; i < m->exit_count; i++) {
		struct sock_filter *exit = &m->new[m->exits[i]];

		exit->k = m->moved[exit->k] - m->exits[i] - 1;
	}
	return true;
}

/* ---- the proof ---- */

static bool agrees(const struct shortening *m, uint32_t arch, const struct survey *survey)
{
	for (uint32_t i = 0; i < survey->number_count; i++) {
		struct outcome old, new;

		if (!outcome_find(m->old, m->old_count, arch, survey->numbers[i], &old) ||
			!outcome_find(m->new, m->new_count, arch, survey->numbers[i], &new))
			return false;
		if (old.open)
			old.value = m->moved[old.value];
		if (!outcomes_equal(&old, &new))
			return false;
	}
	return true;
}

/* Both programs at all numbers and architectures where one of them may change, and at one that
 * neither knows. */
static bool agree(const struct shortening *m, const struct survey *old, struct arena *arena)
{
	struct survey new;
	uint32_t other = 0;

	if (!outcome_survey(m->new, m->new_count, arena, &new) || new.arch_count != old->arch_count)
		return false;
	for (uint32_t i = 0; i < old->arch_count; i++) {
		other += old->archs[i] == other;
		if (new.archs[i] != old->archs[i] || !agrees(m, old->archs[i], old) ||
			!agrees(m, old->archs[i], &new))
			return false;
	}
	return agrees(m, other, old) && agrees(m, other, &new);
}

void seccomp_shorten(struct arena *arena, struct sock_filter **program, uint32_t *count)
{
	struct shortening m = {.old = *program, .old_count = *count};
	struct survey survey;

	if (!outcome_survey(m.old, m.old_count, arena, &survey))
		return;
	/* each architecture has a condition, a load and a block; the rest is at most all */
	m.new = arena_alloc(arena,
		(survey.arch_count * (BLOCK_MAX + LEAVES_MAX + 4) + *count + 2) * sizeof(*m.new));
	m.exits = arena_alloc(arena, (survey.arch_count * LEAVES_MAX + 1) * sizeof(*m.exits));
	m.moved = arena_alloc(arena, (*count + 1) * sizeof(*m.moved));
	m.ranges = arena_alloc(arena, survey.number_count * sizeof(*m.ranges));
	if (!m.new || !m.exits || !m.moved || !m.ranges)
		return;
	if (!blocks_write(&m, &survey) || !rest_write(&m, arena) || m.new_count >= *count ||
		!agree(&m, &survey, arena))
		return;
	*program = m.new;
	*count = m.new_count;
}

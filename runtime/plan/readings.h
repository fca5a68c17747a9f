/* What the numbers in a plan mean: which words belong to which field. Only runtime/plan_*.c include
 * this. */
#pragma once

#include "nsexec/plan.h"
#include "spec/names.h"

/* How a field's bits and numbers are to be read. */
enum plan_style {
	PLAN_STYLE_PLAIN,   /* a number in decimal, bits in hexadecimal */
	PLAN_STYLE_FLAG,    /* true or nothing */
	PLAN_STYLE_DECIMAL, /* bits that are a number */
	PLAN_STYLE_OCTAL,
	PLAN_STYLE_BITS, /* each bit a word of the set */
	PLAN_STYLE_RANK, /* each bit a word of the set, whose values are the numbers of the bits */
	PLAN_STYLE_WORD, /* the whole value one word of the set */
	PLAN_STYLE_SET,  /* bytes whose bits are a set of numbers */
	PLAN_STYLE_IDS,  /* bytes that are an array of uint32_t */
};

struct reading {
	enum step_kind kind;
	const char *member;
	enum plan_style style;
	const struct name_set *words; /* NULL where the style needs none */
};

/* The row for a field; one that has none is PLAN_STYLE_PLAIN. */
struct reading reading_find(const struct plan_step *step, const struct plan_field *field);

/* Takes the next word of the set out of bits; NULL when it has none for what is left. */
const char *reading_take(const struct reading *reading, uint64_t *bits);

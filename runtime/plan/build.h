/*
 * Building blocks of plans, for the compiler and the cgroup backends: steps, strings, lists and
 * slots are added one after the other; what fails is kept and told at the end.
 */
#pragma once

#include "nsexec/plan.h"
#include "spec/spec.h"

/* The size of the largest step's arguments; plan/build.c proves it. */
#define PLAN_ARGUMENTS_MAX 128

/* A plan being built, and where each step came from. */
struct plan_builder {
	struct arena *arena;
	char *bytes; /* header, arguments, lists and strings so far; steps and slots follow at the
			end */
	uint32_t used, size;
	uint32_t step_count, slot_count, step_capacity;
	struct plan_step *steps;
	struct plan_origin *origins; /* one per step */
	struct plan_slot slots[PLAN_SLOTS];
	const void *origin;      /* address in the spec of what is being compiled */
	const struct spec *spec; /* this and the next for pointers; may be NULL */
	const struct spec_process *process;
	struct warnings *warnings; /* may be NULL */
	struct error *err;
	int failed; /* first -errno; later calls do nothing */
	_Alignas(8) char scratch[PLAN_ARGUMENTS_MAX];
};

/* A finished plan with its provenance. Memory belongs to the arena given to compile. */
struct compiled {
	const struct plan *plan;
	const struct spec_process *process; /* exec's own document: pointers into it start at "" */
	const struct plan_origin {
		const void *address; /* in spec->config, or NULL: the runtime's own idea */
	} * origins;                 /* plan->step_count entries */
};

/* Starts an empty plan. Returns 0 or -ENOMEM, which is also kept in builder->failed. */
int plan_begin(struct plan_builder *builder, struct arena *arena, struct error *err);

/* Puts the parts together. Returns 0, or what failed first; err was filled then. */
int plan_finish(struct plan_builder *builder, struct compiled *compiled);

/*
 * Adds a step and returns its zeroed arguments (slots are -1), valid until the next add or copy;
 * never NULL (a scratch area after failure).
 */
void *plan_add(struct plan_builder *builder, enum step_kind kind);
#define PLAN_ADD(builder, kind) ((struct step_##kind *)plan_add((builder), STEP_##kind))

/* The arguments of a step that was added before (index counts from 0), valid as those of plan_add.
 */
void *plan_added(struct plan_builder *builder, uint32_t index);

/*
 * Copies a string or list into the plan; NULL and absent lists stay absent. Offsets stay valid;
 * take them BEFORE plan_add returns a pointer, since the buffer may move.
 */
plan_text plan_copy(struct plan_builder *builder, const char *string);
__attribute__((format(printf, 2, 3))) plan_text plan_copyf(
	struct plan_builder *builder, const char *format, ...);
plan_list plan_copy_list(struct plan_builder *builder, const struct string_list *list);
plan_bytes plan_copy_bytes(struct plan_builder *builder, const void *data, uint32_t length);

/* Adds a slot and returns its index; -1 after a failure (there are PLAN_SLOTS at most). */
int32_t plan_add_slot(struct plan_builder *builder, enum plan_slot_kind kind, const char *path);

/* What the following steps come from; an address inside the spec. */
void plan_origin(struct plan_builder *builder, const void *address);

/*
 * Ends the compilation: fills err with the pointer of address (NULL: of the present origin) and
 * keeps -number (0: EINVAL) in builder->failed. The first failure wins.
 */
__attribute__((format(printf, 5, 6))) void plan_refuse(struct plan_builder *builder,
	const void *address, enum error_code code, int number, const char *format, ...);

/* Adds a warning with the pointer of address. */
__attribute__((format(printf, 3, 4))) void plan_warn(
	struct plan_builder *builder, const void *address, const char *format, ...);

/*
 * Writes the JSON pointer of an address to buffer: below the configuration, or below exec's process
 * document (process may be NULL); "" when it is in neither.
 */
void plan_pointer(const struct spec *spec, const struct spec_process *process, const void *address,
	char *buffer, size_t size);

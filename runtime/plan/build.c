/*
 * The builder of plans. Arguments, lists and strings go into one growing buffer as they come; how
 * many steps and slots there are is known only at the end, so their arrays are put behind them.
 * Everything is addressed by offset, so the buffer may move while it grows. The first failure is
 * kept and makes every later call harmless: the compiler reads as a list of steps, without a check
 * after each of them.
 */
#include "runtime/plan/build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/arena.h"

#define FIRST_SIZE 8192u
#define FIRST_STEPS 128u
#define LARGEST (1u << 30)

#define STEP(kind, side, sentence) \
	_Static_assert(sizeof(struct step_##kind) <= PLAN_ARGUMENTS_MAX, #kind);
#define TEXT(kind, member)
#define LIST(kind, member)
#define NUMBER(kind, member)
#define BITS(kind, member)
#define SLOT(kind, member)
#define BYTES(kind, member)
#define END(kind)
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"

static uint32_t align_up(uint32_t offset, uint32_t alignment)
{
	return (offset + alignment - 1) & ~(alignment - 1);
}

static int plan_fail(struct plan_builder *builder, int number, const char *message)
{
	if (builder->failed == 0)
		builder->failed = error_set(builder->err, ERROR_SYSTEM, number, "%s", message);
	return builder->failed;
}

/* Twice the memory with the old content at its start; NULL when there is none. */
static void *grow(struct arena *arena, const void *old, size_t used, size_t size)
{
	void *bytes = arena_alloc(arena, size);

	if (bytes != NULL && used > 0)
		memcpy(bytes, old, used);
	return bytes;
}

/* Offset of length zeroed bytes, or 0 after a failure. */
static uint32_t plan_reserve(struct plan_builder *builder, size_t length, uint32_t alignment)
{
	uint32_t at = align_up(builder->used, alignment);
	uint32_t size = builder->size;

	if (builder->failed != 0)
		return 0;
	if (length > LARGEST - at) {
		plan_fail(builder, E2BIG, "the plan would be larger than 1 GiB");
		return 0;
	}
	while (size < at + length)
		size *= 2;
	if (size != builder->size) {
		char *bytes = grow(builder->arena, builder->bytes, builder->used, size);

		if (bytes == NULL) {
			plan_fail(builder, ENOMEM, "no memory for the plan");
			return 0;
		}
		builder->bytes = bytes;
		builder->size = size;
	}
	builder->used = at + (uint32_t)length;
	return at;
}

int plan_begin(struct plan_builder *builder, struct arena *arena, struct error *err)
{
	*builder = (struct plan_builder){.arena = arena, .err = err, .size = FIRST_SIZE};
	builder->step_capacity = FIRST_STEPS;
	builder->bytes = arena_alloc(arena, FIRST_SIZE);
	builder->steps = arena_alloc(arena, FIRST_STEPS * sizeof(*builder->steps));
	builder->origins = arena_alloc(arena, FIRST_STEPS * sizeof(*builder->origins));
	if (builder->bytes == NULL || builder->steps == NULL || builder->origins == NULL)
		return plan_fail(builder, ENOMEM, "no memory for the plan");
	builder->used = sizeof(struct plan);
	return 0;
}

/* Makes room for one more step. */
static int plan_step_room(struct plan_builder *builder)
{
	uint32_t count = builder->step_count, capacity = 2 * builder->step_capacity;
	struct plan_step *steps;
	struct plan_origin *origins;

	if (count < builder->step_capacity)
		return 0;
	steps = grow(
		builder->arena, builder->steps, count * sizeof(*steps), capacity * sizeof(*steps));
	origins = grow(builder->arena, builder->origins, count * sizeof(*origins),
		capacity * sizeof(*origins));
	if (steps == NULL || origins == NULL)
		return plan_fail(builder, ENOMEM, "no memory for the plan");
	builder->steps = steps;
	builder->origins = origins;
	builder->step_capacity = capacity;
	return 0;
}

static void *plan_scratch(struct plan_builder *builder)
{
	memset(builder->scratch, 0, sizeof(builder->scratch));
	return builder->scratch;
}

void *plan_add(struct plan_builder *builder, enum step_kind kind)
{
	uint32_t at = plan_reserve(builder, plan_kinds[kind].size, 8);
	char *arguments;

	if (builder->failed != 0 || plan_step_room(builder) < 0)
		return plan_scratch(builder);
	arguments = builder->bytes + at;
	for (const struct plan_field *field = plan_kinds[kind].fields; field->name != NULL; field++)
		if (field->type == PLAN_SLOT)
			memcpy(arguments + field->offset, &(int32_t){-1}, sizeof(int32_t));
	builder->steps[builder->step_count] = (struct plan_step){.kind = kind, .arguments = at};
	builder->origins[builder->step_count].address = builder->origin;
	builder->step_count++;
	return arguments;
}

void *plan_added(struct plan_builder *builder, uint32_t index)
{
	if (builder->failed != 0 || index >= builder->step_count)
		return plan_scratch(builder);
	return builder->bytes + builder->steps[index].arguments;
}

static plan_text plan_copy_length(struct plan_builder *builder, const char *string, size_t length)
{
	uint32_t at = plan_reserve(builder, length + 1, 1);

	if (builder->failed != 0)
		return (plan_text){PLAN_ABSENT};
	memcpy(builder->bytes + at, string, length);
	return (plan_text){at};
}

plan_text plan_copy(struct plan_builder *builder, const char *string)
{
	if (string == NULL)
		return (plan_text){PLAN_ABSENT};
	return plan_copy_length(builder, string, strlen(string));
}

plan_text plan_copyf(struct plan_builder *builder, const char *format, ...)
{
	va_list arguments, again;
	plan_text text = {PLAN_ABSENT};
	int length;
	uint32_t at;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	at = length < 0 ? 0 : plan_reserve(builder, (size_t)length + 1, 1);
	if (at != 0) {
		vsnprintf(builder->bytes + at, (size_t)length + 1, format, again);
		text.at = at;
	}
	va_end(again);
	va_end(arguments);
	return text;
}

plan_list plan_copy_list(struct plan_builder *builder, const struct string_list *list)
{
	uint32_t at;

	if (list == NULL || list->count == 0)
		return (plan_list){0};
	at = plan_reserve(builder, list->count * sizeof(plan_text), _Alignof(plan_text));
	for (uint32_t i = 0; i < list->count; i++) {
		plan_text text = plan_copy(builder, list->items[i]);

		if (builder->failed != 0)
			return (plan_list){0};
		memcpy(builder->bytes + at + i * sizeof(text), &text, sizeof(text));
	}
	return (plan_list){.at = at, .count = list->count};
}

plan_bytes plan_copy_bytes(struct plan_builder *builder, const void *data, uint32_t length)
{
	uint32_t at;

	if (length == 0)
		return (plan_bytes){0};
	at = plan_reserve(builder, length, 8);
	if (builder->failed != 0)
		return (plan_bytes){0};
	memcpy(builder->bytes + at, data, length);
	return (plan_bytes){.at = at, .length = length};
}

int32_t plan_add_slot(struct plan_builder *builder, enum plan_slot_kind kind, const char *path)
{
	plan_text text = plan_copy(builder, path);

	if (builder->failed != 0)
		return -1;
	if (builder->slot_count >= PLAN_SLOTS) {
		plan_refuse(builder, NULL, ERROR_UNSUPPORTED, EMFILE,
			"more than %u descriptors would have to be handed to the container",
			PLAN_SLOTS);
		return -1;
	}
	builder->slots[builder->slot_count] = (struct plan_slot){.kind = kind, .path = text};
	return (int32_t)builder->slot_count++;
}

void plan_origin(struct plan_builder *builder, const void *address)
{
	builder->origin = address;
}

void plan_pointer(const struct spec *spec, const struct spec_process *process, const void *address,
	char *buffer, size_t size)
{
	buffer[0] = '\0';
	if (address == NULL)
		return;
	if (spec != NULL && spec_pointer(spec, address, buffer, size) == 0)
		return;
	if (process == NULL ||
		table_pointer(&spec_process_table, process, address, buffer, size) < 0)
		buffer[0] = '\0';
}

void plan_refuse(struct plan_builder *builder, const void *address, enum error_code code,
	int number, const char *format, ...)
{
	char message[sizeof(builder->err->message)];
	char pointer[sizeof(builder->err->pointer)] = "";
	va_list arguments;

	if (builder->failed != 0)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	builder->failed = error_set(builder->err, code, number, "%s", message);
	plan_pointer(builder->spec, builder->process, address != NULL ? address : builder->origin,
		pointer, sizeof(pointer));
	if (pointer[0] != '\0')
		error_pointer(builder->err, "%s", pointer);
}

void plan_warn(struct plan_builder *builder, const void *address, const char *format, ...)
{
	char text[512], pointer[sizeof(builder->err->pointer)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	plan_pointer(builder->spec, builder->process, address, pointer, sizeof(pointer));
	warning_add(builder->warnings, builder->arena, pointer, "%s", text);
}

/* The first step of a kind, or the number of steps when there is none. */
static uint32_t plan_find(const struct plan_builder *builder, enum step_kind kind)
{
	uint32_t i = 0;

	while (i < builder->step_count && builder->steps[i].kind != kind)
		i++;
	return i;
}

int plan_finish(struct plan_builder *builder, struct compiled *compiled)
{
	size_t steps_length = builder->step_count * sizeof(struct plan_step);
	size_t slots_length = builder->slot_count * sizeof(struct plan_slot);
	uint32_t steps = plan_reserve(builder, steps_length, _Alignof(struct plan_step));
	uint32_t slots = plan_reserve(builder, slots_length, _Alignof(struct plan_slot));
	uint32_t clone = plan_find(builder, STEP_clone);
	struct plan *plan;

	if (builder->failed != 0)
		return builder->failed;
	memcpy(builder->bytes + steps, builder->steps, steps_length);
	memcpy(builder->bytes + slots, builder->slots, slots_length);
	plan = (struct plan *)builder->bytes;
	*plan = (struct plan){
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.size = builder->used,
		.step_count = builder->step_count,
		.steps = steps,
		.slot_count = builder->slot_count,
		.slots = slots,
		.birth = plan_find(builder, STEP_birth),
		.gate = clone < builder->step_count ? clone + 1 : clone,
	};
	*compiled = (struct compiled){.plan = plan, .origins = builder->origins};
	return 0;
}

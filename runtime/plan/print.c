/*
 * The plan as it is printed by --dry-run: what would be done, by whom, and which property asked for
 * it. Both forms walk the table of kinds and their fields, so a new step is printed from its first
 * day.
 */
#include <errno.h>
#include <stdio.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/compile.h"
#include "runtime/plan/fields.h"
#include "spec/arena.h"

#define POINTER_COLUMN 76

static const char *side_word(enum step_side side)
{
	return side == HOST ? "host" : side == GATE ? "gate" : "both";
}

static void step_pointer(const struct compiled *compiled, const struct spec *spec, uint32_t index,
	char *buffer, size_t size)
{
	plan_pointer(spec, compiled->process, compiled->origins[index].address, buffer, size);
}

static void step_print(
	FILE *out, const struct compiled *compiled, const struct spec *spec, uint32_t index)
{
	const struct plan *plan = compiled->plan;
	const struct plan_step *step = &plan_steps(plan)[index];
	const struct plan_kind *kind = &plan_kinds[step->kind];
	long start = ftell(out);
	char subject[512], pointer[256];
	long width;

	plan_subject(plan, step, subject, sizeof(subject));
	step_pointer(compiled, spec, index, pointer, sizeof(pointer));
	fprintf(out, "%4u  %s  %-13s", index, side_word(kind->side), kind->name);
	if (subject[0] != '\0')
		fprintf(out, " %s", subject);
	for (const struct plan_field *field = kind->fields; field->name != NULL; field++)
		if (!plan_subject_has(step, field))
			plan_field_text(out, plan, step, field);
	width = ftell(out) - start;
	if (pointer[0] != '\0')
		fprintf(out, "%*s  %s", width < POINTER_COLUMN ? (int)(POINTER_COLUMN - width) : 0,
			"", pointer);
	fputc('\n', out);
}

static void plan_json(
	struct json_writer *writer, const struct compiled *compiled, const struct spec *spec)
{
	const struct plan *plan = compiled->plan;
	char pointer[256];

	json_object(writer);
	json_member_string(writer, "schema", "mydocker.plan/1");
	json_key(writer, "steps");
	json_array(writer);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const struct plan_kind *kind = &plan_kinds[step->kind];

		json_object(writer);
		json_member_unsigned(writer, "step", i);
		json_member_string(writer, "side", side_word(kind->side));
		json_member_string(writer, "kind", kind->name);
		for (const struct plan_field *field = kind->fields; field->name != NULL; field++)
			plan_field_json(writer, plan, step, field);
		step_pointer(compiled, spec, i, pointer, sizeof(pointer));
		json_member_string(writer, "pointer", pointer[0] != '\0' ? pointer : NULL);
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static int write_all(int fd, const char *text, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_set(err, ERROR_SYSTEM, errno, "cannot write the plan: %m");
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

static int print_text(
	int fd, const struct compiled *compiled, const struct spec *spec, struct error *err)
{
	auto_free char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return error_set(err, ERROR_SYSTEM, errno, "cannot print the plan: %m");
	for (uint32_t i = 0; i < compiled->plan->step_count; i++)
		step_print(out, compiled, spec, i);
	if (fclose(out) != 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot print the plan: %m");
	return write_all(fd, text, length, err);
}

int plan_print(int fd, const struct compiled *compiled, const struct spec *spec, bool json,
	struct error *err)
{
	struct arena arena = {0};
	struct json_writer writer;
	const char *text;
	size_t length;
	int result;

	if (!json)
		return print_text(fd, compiled, spec, err);
	json_begin(&writer, &arena, 2);
	plan_json(&writer, compiled, spec);
	text = json_finish(&writer, &length, err);
	result = text == NULL ? -ENOMEM : write_all(fd, text, length, err);
	arena_free(&arena);
	return result;
}

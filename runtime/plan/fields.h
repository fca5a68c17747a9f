/* What the arguments of a step say, in words: for the printed plan and for errors. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "nsexec/plan.h"
#include "spec/json.h"

/*
 * What a step is about: "proc on /proc", "/dev/null", "hostname": its first text, for a mount the
 * target too. Writes to buffer; "" when it has none.
 */
void plan_subject(const struct plan *plan, const struct plan_step *step, char *buffer, size_t size);

/* True for the fields that plan_subject shows. */
bool plan_subject_has(const struct plan_step *step, const struct plan_field *field);

/* Writes " name=value", or nothing for a field that says nothing (absent, no bits, no flag). */
void plan_field_text(FILE *out, const struct plan *plan, const struct plan_step *step,
	const struct plan_field *field);

/* Writes the member "name": value, or nothing for a field that says nothing. */
void plan_field_json(struct json_writer *writer, const struct plan *plan,
	const struct plan_step *step, const struct plan_field *field);

/* Scalars: one JSON value into one member, by its row. For decode.c. */
#pragma once

#include "spec/json.h"
#include "spec/table.h"

/* What a member of this kind takes: the JSON type and its words ("an integer"); entry: one entry of
 * its list or map. */
struct decode_type {
	enum json_type type;
	const char *words;
};
struct decode_type decode_type(enum field_kind kind, bool entry);

/* Refuses a value of another type: "expected an integer, got the string ...". 0 or -EINVAL with
 * reader->err filled. */
int decode_check_type(
	struct json_reader *reader, struct decode_type want, const struct json_value *value);

/*
 * Stores a scalar that has the right type at target: a struct maybe_* or string of an object (entry
 * false), or a bare value in a list. Returns 0, or a negative errno with reader->err filled: range,
 * word, what the row needs of strings.
 */
int decode_scalar(struct json_reader *reader, const struct field *field, bool entry,
	const struct json_value *value, void *target, struct arena *arena);

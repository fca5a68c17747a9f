/* Properties of a unit, as the words that unit/manager_protocol.h describes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/arena.h"
#include "spec/error.h"

/* A growing list of words in an arena. */
struct unit_words {
	struct arena *arena;
	uint32_t count, size;
	const char **items;
	bool failed; /* no memory: words are missing */
};

void unit_word(struct unit_words *words, const char *word);
__attribute__((format(printf, 2, 3))) void unit_wordf(
	struct unit_words *words, const char *format, ...);

/*
 * Adds the signature of a value and the value, from the text of an annotation
 * org.systemd.property.NAME: GVariant's text format, as far as properties of units need it and as
 * runc reads it: numbers, strings, booleans, byte strings and arrays, with an optional type in
 * front (uint64 5, @as []). A number without a type is an int32. Returns 0 or -EINVAL with err.
 */
int unit_value(const char *text, struct unit_words *words, struct error *err);

/*
 * Adds the property of an annotation. What the manual calls NAMESec is NAMEUSec on the bus: such a
 * number is taken in seconds and added in microseconds. Returns 0 or -EINVAL with err.
 */
int unit_property(const char *name, const char *text, struct unit_words *words, struct error *err);

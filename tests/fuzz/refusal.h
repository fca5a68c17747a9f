/* What holds for everything that reads what others wrote: it is refused with a story, or taken
 * whole. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "spec/arena.h"
#include "spec/table.h"

__attribute__((unused)) static void refusal_check(const struct error *err)
{
	if (err->code == ERROR_NONE || err->message[0] == '\0' || strpbrk(err->message, "\n\r\t"))
		abort();
}

/* Reads back what was written of it: the same text must come out. */
__attribute__((unused)) static void round_trip(
	const struct table *table, const void *structure, struct arena *arena)
{
	struct error err = {0};
	size_t length;
	const char *first = table_encode(table, structure, 0, arena, &length, &err);
	void *again = arena_alloc(arena, table->size);
	const char *second;

	if (first == NULL || again == NULL)
		abort();
	if (table_decode(table, again, first, length, arena, NULL, &err) < 0)
		abort();
	second = table_encode(table, again, 0, arena, NULL, &err);
	if (second == NULL || strcmp(first, second) != 0)
		abort();
}

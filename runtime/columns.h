/*
 * Tables on the terminal, aligned as the classic ps prints them: a column is as wide as its longest
 * cell and three spaces, at least twelve; the last one is as long as it is.
 */
#pragma once

#include <stdint.h>

#include "spec/arena.h"

#define COLUMNS_MAX 10

struct columns {
	struct arena *arena;
	uint32_t width; /* cells of a row, at most COLUMNS_MAX */
	uint32_t count, room;
	const char **cells; /* row after row */
};

/* Begins a table whose rows have as many cells as headings; everything lives in arena. */
void columns_begin(
	struct columns *columns, struct arena *arena, const char *const *headings, uint32_t width);

/* Adds a row. Control characters in a cell are printed as "?"; NULL is an empty cell. Without
 * memory the row is lost. */
void columns_add(struct columns *columns, const char *const *cells);

/* Prints it to stdout. */
void columns_print(const struct columns *columns);

/* Prints one cell alone, as it is printed in a table. */
void columns_cell(struct arena *arena, const char *text);

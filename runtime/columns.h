/*
 * Tables on the terminal, aligned as the classic ps prints them: a column is as wide as its longest
 * cell and three spaces, at least twelve; the last one is as long as it is. On a terminal that is
 * too narrow, columns that may yield are cut; with colours, unless NO_COLOR (no-color.org) or TERM
 * forbid it.
 */
#pragma once

#include <stdint.h>

#include "spec/arena.h"

#define COLUMNS_MAX 10

/* What a cell wants to say beyond its words. */
enum shade { SHADE_NONE, SHADE_GOOD, SHADE_NOTICE, SHADE_BAD, SHADE_HEADING };

struct columns {
	struct arena *arena;
	uint32_t width; /* cells of a row, at most COLUMNS_MAX */
	uint32_t count, room;
	struct column_cell {
		const char *text;
		int places; /* on the screen */
		enum shade shade;
	} * cells; /* row after row */
	/* Bit i: column i may be cut; its cells are at its right edge. The caller's to set. */
	uint32_t yielding, right;
};

/* Begins a table whose rows have as many cells as headings; everything lives in arena. */
void columns_begin(
	struct columns *columns, struct arena *arena, const char *const *headings, uint32_t width);

/* Adds a row. Control characters in a cell are printed as "?"; NULL is an empty cell. Without
 * memory the row is lost. */
void columns_add(struct columns *columns, const char *const *cells);

/* Shades a cell of the row that was added last. */
void columns_shade(struct columns *columns, uint32_t column, enum shade shade);

/* Prints it to stdout. */
void columns_print(const struct columns *columns);

/* Prints one cell alone, as it is printed in a table. */
void columns_cell(struct arena *arena, const char *text);

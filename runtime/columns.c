/*
 * Cells hold names and commands that strangers chose: what could move the cursor or colour the
 * terminal is not printed. Widths are counted in places on the screen, not in bytes, or a name with
 * an umlaut, or one in Chinese, shifts its row.
 */
#include "runtime/columns.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "runtime/terminal.h"
#include "spec/utf8.h"

#define WIDTH_LEAST 12
#define PADDING 3
#define CUT "\xe2\x80\xa6" /* an ellipsis, one place wide */

static const char *const shades[] = {
	[SHADE_GOOD] = "\033[32m",
	[SHADE_NOTICE] = "\033[33m",
	[SHADE_BAD] = "\033[31m",
	[SHADE_HEADING] = "\033[1m",
};

/* The bytes of a character; 0 of one that is none. */
static size_t character_length(const char *bytes, size_t left)
{
	return (unsigned char)bytes[0] < 0x80 ? 1 : utf8_length(bytes, left);
}

/* A copy in which only printable characters are left; NULL without memory. */
static char *cell_copy(struct arena *arena, const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;
	char *copy = arena_copy(arena, text, length);

	for (size_t at = 0; copy != NULL && at < length;) {
		size_t step = character_length(copy + at, length - at);

		if (step == 0 || (unsigned char)copy[at] < ' ' || copy[at] == 0x7f)
			copy[at] = '?';
		else if (step == 2 && memcmp(copy + at, "\xc2\xa0", 2) < 0) /* U+0080 to U+009F */
			memcpy(copy + at, "??", 2);
		at += step > 0 ? step : 1;
	}
	return copy;
}

/* The character of so many bytes. */
static wchar_t character_at(const char *bytes, size_t length)
{
	wchar_t character = (unsigned char)bytes[0] & (length == 1 ? 0x7f : 0xff >> (length + 1));

	for (size_t i = 1; i < length; i++)
		character = character << 6 | ((unsigned char)bytes[i] & 0x3f);
	return character;
}

/* How many bytes of a cell have at most so many places; *places that they have. */
static size_t cell_measure(const char *cell, int limit, int *places)
{
	size_t length = strlen(cell), at = 0;

	for (*places = 0; at < length;) {
		size_t step = character_length(cell + at, length - at);
		int width = step > 1 ? wcwidth(character_at(cell + at, step)) : 1;

		if (width < 0) /* this C library cannot tell */
			width = 1;
		if (*places + width > limit)
			break;
		*places += width;
		at += step > 0 ? step : 1;
	}
	return at;
}

void columns_begin(
	struct columns *columns, struct arena *arena, const char *const *headings, uint32_t width)
{
	*columns = (struct columns){.arena = arena, .width = width};
	columns_add(columns, headings);
	for (uint32_t i = 0; i < width; i++)
		columns_shade(columns, i, SHADE_HEADING);
}

void columns_add(struct columns *columns, const char *const *cells)
{
	uint32_t used = columns->count * columns->width;

	if (used + columns->width > columns->room) {
		uint32_t room = columns->room > 0 ? columns->room * 2 : columns->width * 16;
		struct column_cell *grown = arena_alloc(columns->arena, room * sizeof(*grown));

		if (grown == NULL)
			return;
		if (used > 0)
			memcpy(grown, columns->cells, used * sizeof(*grown));
		columns->cells = grown;
		columns->room = room;
	}
	for (uint32_t i = 0; i < columns->width; i++) {
		struct column_cell *cell = &columns->cells[used + i];

		*cell = (struct column_cell){.text = cell_copy(columns->arena, cells[i])};
		if (cell->text == NULL)
			return;
		cell_measure(cell->text, INT32_MAX, &cell->places);
	}
	columns->count++;
}

void columns_shade(struct columns *columns, uint32_t column, enum shade shade)
{
	if (columns->count > 0)
		columns->cells[(columns->count - 1) * columns->width + column].shade = shade;
}

/* What each column needs; what is behind the last one needs nothing. Returns the width of a row. */
static int widths_measure(const struct columns *columns, int *widths)
{
	uint32_t last = columns->width - 1;
	int sum = 0;

	for (uint32_t i = 0; i <= last; i++) {
		widths[i] = i < last ? WIDTH_LEAST : 0;
		for (uint32_t row = 0; row < columns->count; row++) {
			int width = columns->cells[row * columns->width + i].places +
				(i < last ? PADDING : 0);

			if (width > widths[i])
				widths[i] = width;
		}
		sum += widths[i];
	}
	return sum;
}

/* Takes from the widest of those that yield until a row fits. */
static void widths_fit(const struct columns *columns, int *widths, int sum, int room)
{
	for (; sum > room; sum--) {
		uint32_t widest = columns->width;

		for (uint32_t i = 0; i < columns->width; i++)
			if ((columns->yielding >> i & 1) && widths[i] > WIDTH_LEAST &&
				(widest == columns->width || widths[i] > widths[widest]))
				widest = i;
		if (widest == columns->width)
			return;
		widths[widest]--;
	}
}

static void blank_print(int places)
{
	for (; places > 0; places--)
		putchar(' ');
}

static void cell_print(
	const struct column_cell *cell, int width, bool last, bool right, bool coloured)
{
	int room = last ? width : width - PADDING, places = cell->places, rest;
	const char *shade = coloured ? shades[cell->shade] : NULL;
	bool cut = places > room;
	size_t length = cut ? cell_measure(cell->text, room - 1, &places) : strlen(cell->text);

	rest = width - places - cut;
	if (right && !last) {
		blank_print(rest - PADDING);
		rest = PADDING;
	}
	if (shade)
		fputs(shade, stdout);
	fwrite(cell->text, 1, length, stdout);
	if (cut)
		fputs(CUT, stdout);
	if (shade)
		fputs("\033[0m", stdout);
	if (!last)
		blank_print(rest);
}

void columns_print(const struct columns *columns)
{
	int widths[COLUMNS_MAX], room = terminal_width();
	int sum = widths_measure(columns, widths);
	bool coloured = terminal_is_coloured();

	if (room > 0)
		widths_fit(columns, widths, sum, room);
	for (uint32_t row = 0; row < columns->count; row++) {
		for (uint32_t i = 0; i < columns->width; i++)
			cell_print(&columns->cells[row * columns->width + i], widths[i],
				i == columns->width - 1, columns->right >> i & 1, coloured);
		putchar('\n');
	}
}

void columns_cell(struct arena *arena, const char *text)
{
	const char *cell = cell_copy(arena, text);

	fputs(cell ? cell : "", stdout);
}

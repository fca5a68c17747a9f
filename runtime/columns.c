/*
 * Cells hold names and commands that strangers chose: what could move the cursor or colour the
 * terminal is not printed. Widths are counted in characters, not bytes, or a name with an umlaut
 * shifts its row.
 */
#include "runtime/columns.h"

#include <stdio.h>
#include <string.h>

#include "spec/utf8.h"

#define WIDTH_LEAST 12
#define PADDING 3

/* A copy in which only printable characters are left; NULL without memory. */
static char *cell_copy(struct arena *arena, const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;
	char *copy = arena_copy(arena, text, length);

	for (size_t at = 0; copy != NULL && at < length;) {
		size_t step = utf8_length(copy + at, length - at);

		if (step == 0 || (unsigned char)copy[at] < ' ' || copy[at] == 0x7f)
			copy[at] = '?';
		else if (step == 2 && memcmp(copy + at, "\xc2\xa0", 2) < 0) /* U+0080 to U+009F */
			memcpy(copy + at, "??", 2);
		at += step > 0 ? step : 1;
	}
	return copy;
}

static int cell_width(const char *cell)
{
	int width = 0;

	for (; *cell != '\0'; cell++)
		width += ((unsigned char)*cell & 0xc0) !=
			0x80; /* the bytes after the first do not count */
	return width;
}

void columns_begin(
	struct columns *columns, struct arena *arena, const char *const *headings, uint32_t width)
{
	*columns = (struct columns){.arena = arena, .width = width};
	columns_add(columns, headings);
}

void columns_add(struct columns *columns, const char *const *cells)
{
	uint32_t used = columns->count * columns->width;

	if (used + columns->width > columns->room) {
		uint32_t room = columns->room > 0 ? columns->room * 2 : columns->width * 16;
		const char **grown = arena_alloc(columns->arena, room * sizeof(*grown));

		if (grown == NULL)
			return;
		if (used > 0)
			memcpy(grown, columns->cells, used * sizeof(*grown));
		columns->cells = grown;
		columns->room = room;
	}
	for (uint32_t i = 0; i < columns->width; i++) {
		columns->cells[used + i] = cell_copy(columns->arena, cells[i]);
		if (columns->cells[used + i] == NULL)
			return;
	}
	columns->count++;
}

void columns_print(const struct columns *columns)
{
	uint32_t last = columns->width - 1;
	int widths[COLUMNS_MAX];

	for (uint32_t i = 0; i < last; i++) {
		widths[i] = WIDTH_LEAST;
		for (uint32_t row = 0; row < columns->count; row++) {
			int width = cell_width(columns->cells[row * columns->width + i]) + PADDING;

			if (width > widths[i])
				widths[i] = width;
		}
	}
	for (uint32_t row = 0; row < columns->count; row++) {
		const char **cells = columns->cells + row * columns->width;

		for (uint32_t i = 0; i < last; i++)
			printf("%s%*s", cells[i], widths[i] - cell_width(cells[i]), "");
		printf("%s\n", cells[last]);
	}
}

void columns_cell(struct arena *arena, const char *text)
{
	const char *cell = cell_copy(arena, text);

	fputs(cell ? cell : "", stdout);
}

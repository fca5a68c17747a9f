/* Everything is gathered before the first byte is printed: a column's width is known at the end,
 * and an error leaves no half table. */
#include "runtime/listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct listing {
	const struct listing_form *form;
	struct arena arena;
	struct columns columns;
	struct json_writer writer;
};

int listing_is_json(const struct command *command, struct error *err)
{
	const char *format = command->value[OPTION_format];

	if (format == NULL || strcmp(format, "table") == 0)
		return 0;
	if (strcmp(format, "json") == 0)
		return 1;
	return error_set(
		err, ERROR_USAGE, EINVAL, "unknown format \"%s\": it is table or json", format);
}

static int id_visit(const struct overview *overview, void *context)
{
	puts(overview->id);
	return 0;
}

static int row_visit(const struct overview *overview, void *context)
{
	struct listing *listing = context;
	const char *cells[COLUMNS_MAX] = {NULL};
	struct arena arena = {0};

	listing->form->cells(overview, &arena, cells);
	columns_add(&listing->columns, cells);
	arena_free(&arena);
	return 0;
}

static int object_visit(const struct overview *overview, void *context)
{
	struct listing *listing = context;
	struct arena arena = {0};

	listing->form->object(overview, &listing->writer, &arena);
	arena_free(&arena);
	return 0;
}

static int table_print(const struct command *command, struct listing *listing, struct error *err)
{
	int result;

	columns_begin(
		&listing->columns, &listing->arena, listing->form->headings, listing->form->width);
	result = overview_each(command, true, row_visit, listing, err);
	if (result == 0)
		columns_print(&listing->columns);
	return result;
}

/* No warnings here: a broken container is an object with status "unknown", and stderr may be read
 * as JSON, too. */
static int json_print(const struct command *command, struct listing *listing, struct error *err)
{
	const char *text;
	int result;

	json_begin(&listing->writer, &listing->arena, 0);
	json_array(&listing->writer);
	result = overview_each(command, false, object_visit, listing, err);
	json_array_end(&listing->writer);
	text = json_finish(&listing->writer, NULL, err);
	if (text == NULL)
		return -err->number;
	if (result == 0)
		puts(text);
	return result;
}

int listing_print(const struct command *command, const struct listing_form *form, struct error *err)
{
	struct listing listing = {.form = form};
	int result = listing_is_json(command, err);

	if (result < 0)
		return result;
	if (command->given[OPTION_quiet])
		return overview_each(command, true, id_visit, NULL, err);
	result = result > 0 ? json_print(command, &listing, err)
			    : table_print(command, &listing, err);
	arena_free(&listing.arena);
	return result;
}

/*
 * A table is gathered before its first row is printed, since a column's width is known at the end;
 * JSON goes out object by object.
 */
#include "runtime/listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct listing {
	const struct listing_form *form;
	struct arena arena; /* of the table */
	struct columns columns;
	bool begun; /* an object is printed */
	struct error *err;
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
	const char *text = listing->form->object(overview, &arena, listing->err);

	if (text != NULL)
		printf("%s%s", listing->begun ? "," : "", text);
	listing->begun = true;
	arena_free(&arena);
	return text != NULL ? 0 : -listing->err->number;
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
	int result;

	putchar('[');
	result = overview_each(command, false, object_visit, listing, err);
	puts("]");
	return result;
}

int listing_print(const struct command *command, const struct listing_form *form, struct error *err)
{
	struct listing listing = {.form = form, .err = err};
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

/*
 * A table is gathered before its first row is printed, since a column's width is known at the end;
 * JSON and templates go out container by container.
 */
#include "runtime/listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nsexec/cleanup.h"

struct listing {
	const struct listing_form *form;
	const struct command *command;
	struct arena arena; /* of the table */
	struct columns columns;
	bool begun;  /* an object is printed */
	bool broken; /* the status of a container is not known */
	struct error *err;
};

/* ---- which containers: --filter KEY=VALUE, all of them must hold ---- */

static bool id_holds(const struct overview *overview, const char *value)
{
	return strncmp(overview->id, value, strlen(value)) == 0;
}

static bool name_holds(const struct overview *overview, const char *value)
{
	return overview->record.name && strstr(overview->record.name, value);
}

static bool status_holds(const struct overview *overview, const char *value)
{
	return strcmp(overview_status(overview), value) == 0;
}

/* KEY or KEY=VALUE of an annotation. */
static bool annotation_holds(const struct overview *overview, const char *value)
{
	const struct string_map *annotations = &overview->record.annotations;
	size_t key = strcspn(value, "=");

	for (uint32_t i = 0; i < annotations->count; i++)
		if (strlen(annotations->items[i].key) == key &&
			memcmp(annotations->items[i].key, value, key) == 0)
			return value[key] == '\0' ||
				strcmp(annotations->items[i].value, value + key + 1) == 0;
	return false;
}

static const struct filter {
	const char *key;
	bool (*holds)(const struct overview *overview, const char *value);
} filters[] = {
	{"id=", id_holds},
	{"name=", name_holds},
	{"status=", status_holds},
	{"annotation=", annotation_holds},
};

static const struct filter *filter_find(const char *word)
{
	for (size_t i = 0; i < array_size(filters); i++)
		if (strncmp(word, filters[i].key, strlen(filters[i].key)) == 0)
			return &filters[i];
	return NULL;
}

/* A status that no container can have would match none, and look like an answer. */
static int status_check(const char *value, struct error *err)
{
	for (enum status status = STATUS_CREATING; status <= STATUS_STOPPED; status++)
		if (strcmp(status_word(status), value) == 0)
			return 0;
	return strcmp(value, UNKNOWN) == 0
		? 0
		: error_set(err, ERROR_USAGE, EINVAL,
			  "unknown status \"%s\": it is creating, created, running, paused, "
			  "stopped or " UNKNOWN,
			  value);
}

static int filters_check(const struct command *command, struct error *err)
{
	const struct option_values *words = &command->values[OPTION_filter];
	int result = 0;

	for (uint32_t i = 0; i < words->count && result == 0; i++) {
		const struct filter *filter = filter_find(words->items[i]);

		if (!filter)
			return error_set(err, ERROR_USAGE, EINVAL,
				"unknown filter \"%s\": it is id=, name=, status= or annotation=",
				words->items[i]);
		if (filter->holds == status_holds)
			result = status_check(words->items[i] + strlen(filter->key), err);
	}
	return result;
}

static bool listing_shows(struct listing *listing, const struct overview *overview)
{
	const struct option_values *words = &listing->command->values[OPTION_filter];

	listing->broken = listing->broken || !overview->known;
	for (uint32_t i = 0; i < words->count; i++) {
		const struct filter *filter = filter_find(words->items[i]);

		if (!filter->holds(overview, words->items[i] + strlen(filter->key)))
			return false;
	}
	return true;
}

/* ---- the forms ---- */

int format_is_json(const char *format, struct error *err)
{
	if (format == NULL || strcmp(format, "table") == 0)
		return 0;
	if (strcmp(format, "json") == 0)
		return 1;
	return error_set(
		err, ERROR_USAGE, EINVAL, "unknown format \"%s\": it is table or json", format);
}

int listing_is_json(const struct command *command, struct error *err)
{
	static const enum option_id ids[] = {
		OPTION_format, OPTION_plain_format, OPTION_check_format};
	const char *format = NULL;

	for (size_t i = 0; i < array_size(ids); i++)
		if (command->value[ids[i]])
			format = command->value[ids[i]];
	return format_is_json(format, err);
}

static int id_visit(const struct overview *overview, void *context)
{
	if (listing_shows(context, overview))
		puts(overview->id);
	return 0;
}

static enum shade status_shade(const struct overview *overview)
{
	if (!overview->known)
		return SHADE_BAD;
	return overview->status == STATUS_RUNNING    ? SHADE_GOOD
		: overview->status == STATUS_STOPPED ? SHADE_NONE
						     : SHADE_NOTICE;
}

static int row_visit(const struct overview *overview, void *context)
{
	struct listing *listing = context;
	const char *cells[COLUMNS_MAX] = {NULL};
	struct arena arena = {0};

	if (!listing_shows(listing, overview))
		return 0;
	listing->form->cells(overview, &arena, cells);
	columns_add(&listing->columns, cells);
	columns_shade(&listing->columns, listing->form->status, status_shade(overview));
	arena_free(&arena);
	return 0;
}

static int object_visit(const struct overview *overview, void *context)
{
	struct listing *listing = context;
	struct arena arena = {0};
	const char *text;

	if (!listing_shows(listing, overview))
		return 0;
	text = listing->form->object(overview, &arena, listing->err);
	if (text != NULL)
		printf("%s%s", listing->begun ? "," : "", text);
	listing->begun = true;
	arena_free(&arena);
	return text != NULL ? 0 : -listing->err->number;
}

/* The column that a template's {{.Name}} means, or -1; *length is that of the whole field. */
static int field_find(const struct listing_form *form, const char *text, size_t *length)
{
	const char *end = strstr(text, "}}");
	const char *name = text + strlen("{{");

	if (!end)
		return -1;
	*length = (size_t)(end + strlen("}}") - text);
	name += strspn(name, " .");
	for (uint32_t i = 0; i < form->width; i++) {
		size_t size = strlen(form->headings[i]);

		if (strncasecmp(name, form->headings[i], size) == 0 &&
			name + size + strspn(name + size, " ") == end)
			return (int)i;
	}
	return -1;
}

static int template_check(const struct listing *listing, const char *template, struct error *err)
{
	size_t length = 0;

	for (const char *at = template; (at = strstr(at, "{{")) != NULL; at += length)
		if (field_find(listing->form, at, &length) < 0)
			return error_set(err, ERROR_USAGE, EINVAL,
				"the template has an unknown field: %.40s", at);
	return 0;
}

static int template_visit(const struct overview *overview, void *context)
{
	struct listing *listing = context;
	const char *cells[COLUMNS_MAX] = {NULL};
	struct arena arena = {0};
	size_t length;

	if (!listing_shows(listing, overview))
		return 0;
	listing->form->cells(overview, &arena, cells);
	for (const char *at = listing->command->value[OPTION_format]; *at; at += length) {
		length = at[0] == '\\' && (at[1] == 't' || at[1] == 'n') ? 2 : 1;
		if (strncmp(at, "{{", 2) == 0) {
			int cell = field_find(listing->form, at, &length);

			columns_cell(&arena, cells[cell]);
		} else
			putchar(length == 1 ? *at : at[1] == 't' ? '\t' : '\n');
	}
	putchar('\n');
	arena_free(&arena);
	return 0;
}

static int table_print(const struct command *command, struct listing *listing, struct error *err)
{
	int result;

	columns_begin(
		&listing->columns, &listing->arena, listing->form->headings, listing->form->width);
	listing->columns.yielding = listing->form->yielding;
	result = overview_each(command, true, row_visit, listing, err);
	if (result == 0)
		columns_print(&listing->columns);
	return result;
}

/* No warnings here: a broken container is an object with status "unknown", and stderr may be read
 * as JSON, too. */
static int json_print(const struct command *command, struct listing *listing, struct error *err)
{
	const char *schema = listing->form->schema;
	int result;

	if (schema)
		printf("{\"schema\":\"%s\",\"containers\":", schema);
	putchar('[');
	result = overview_each(command, false, object_visit, listing, err);
	puts(schema ? "]}" : "]");
	return result;
}

static int form_print(const struct command *command, struct listing *listing, struct error *err)
{
	const char *format = command->value[OPTION_format];
	int result;

	if (format && strstr(format, "{{")) {
		result = template_check(listing, format, err);
		return result < 0 ? result
				  : overview_each(command, true, template_visit, listing, err);
	}
	result = listing_is_json(command, err);
	if (result < 0)
		return result;
	if (command->given[OPTION_quiet])
		return overview_each(command, true, id_visit, listing, err);
	return result > 0 ? json_print(command, listing, err) : table_print(command, listing, err);
}

int listing_print(const struct command *command, const struct listing_form *form, struct error *err)
{
	struct listing listing = {.form = form, .command = command, .err = err};
	int result = filters_check(command, err);

	if (result == 0)
		result = form_print(command, &listing, err);
	arena_free(&listing.arena);
	return result == 0 && listing.broken && command->given[OPTION_strict] ? 1 : result;
}

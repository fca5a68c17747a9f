/* list: the containers with their bundles, in the form that engines know. */
#include "nsexec/cleanup.h"
#include "runtime/listing.h"

static const char *const headings[] = {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"};

enum { STATUS = 2, BUNDLE = 3 };

static void list_cells(const struct overview *overview, struct arena *arena, const char **cells)
{
	cells[0] = overview->id;
	cells[1] = arena_format(arena, "%lld", (long long)overview_pid(overview));
	cells[2] = overview_status(overview);
	cells[3] = overview->record.bundle;
	cells[4] = overview->record.created;
	cells[5] = overview_owner(overview, arena);
}

static const char *list_object(
	const struct overview *overview, struct arena *arena, struct error *err)
{
	return overview_encode(overview, 0, arena, err);
}

int verb_list(const struct command *command, struct error *err)
{
	const struct listing_form form = {
		.headings = headings,
		.width = array_size(headings),
		.yielding = 1u << BUNDLE,
		.status = STATUS,
		.cells = list_cells,
		.object = list_object,
	};

	return listing_print(command, &form, err);
}

/* ps: the containers in the classic columns; with an id, the processes of that container. */
#include "nsexec/cleanup.h"
#include "runtime/listing.h"
#include "runtime/processes.h"
#include "spec/json.h"

static const char *const headings[] = {"ID", "NAME", "PID", "STATUS", "COMMAND", "CREATED"};

static void ps_cells(const struct overview *overview, struct arena *arena, const char **cells)
{
	int64_t pid = overview_pid(overview);

	cells[0] = overview->id;
	cells[1] = overview->record.name;
	cells[2] = pid > 0 ? arena_format(arena, "%lld", (long long)pid) : "";
	cells[3] = overview_status(overview);
	cells[4] = overview->record.command;
	cells[5] = overview->record.create_time;
}

static const char *ps_object(
	const struct overview *overview, struct arena *arena, struct error *err)
{
	struct json_writer writer;

	json_begin(&writer, arena, 0);
	json_object(&writer);
	json_member_string(&writer, "id", overview->id);
	json_member_string(&writer, "name", overview->record.name);
	json_member_integer(&writer, "pid", overview_pid(overview));
	json_member_string(&writer, "status", overview_status(overview));
	json_member_string(&writer, "command", overview->record.command);
	json_member_string(&writer, "created", overview->record.create_time);
	json_object_end(&writer);
	return json_finish(&writer, NULL, err);
}

int verb_ps(const struct command *command, struct error *err)
{
	const struct listing_form form = {
		.headings = headings,
		.width = array_size(headings),
		.cells = ps_cells,
		.object = ps_object,
	};

	return command->argc > 0 ? processes_print(command, err)
				 : listing_print(command, &form, err);
}

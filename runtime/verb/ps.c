/*
 * ps: the containers in the classic columns, all of them as the classic ps shows them; with an id,
 * the processes of that container.
 */
#include "nsexec/cleanup.h"
#include "runtime/cgroup/accounting.h"
#include "runtime/listing.h"
#include "runtime/processes.h"
#include "runtime/quantity.h"
#include "spec/json.h"

static const char *const headings[] = {
	"ID", "NAME", "PID", "STATUS", "COMMAND", "CREATED", "CPU", "MEMORY", "PIDS"};
enum { STATUS = 3, COMMAND = 4 };
#define CLASSIC_WIDTH 6 /* the others come with --stats */
#define SCHEMA "mydocker.ps/1"

static void classic_cells(const struct overview *overview, struct arena *arena, const char **cells)
{
	int64_t pid = overview_pid(overview);

	cells[0] = overview->id;
	cells[1] = overview->record.name;
	cells[2] = pid > 0 ? arena_format(arena, "%lld", (long long)pid) : "";
	cells[3] = overview_status(overview);
	cells[4] = overview->record.command;
	cells[5] = overview->record.create_time;
}

static void stats_cells(const struct overview *overview, struct arena *arena, const char **cells)
{
	struct accounting accounting = accounting_read(&overview->record.cgroups);

	classic_cells(overview, arena, cells);
	cells[CLASSIC_WIDTH] = quantity_time(arena, accounting.cpu_usec);
	cells[CLASSIC_WIDTH + 1] = quantity_bytes(arena, accounting.memory);
	cells[CLASSIC_WIDTH + 2] = quantity_count(arena, accounting.pids);
}

static void classic_members(struct json_writer *writer, const struct overview *overview)
{
	json_member_string(writer, "id", overview->id);
	json_member_string(writer, "name", overview->record.name);
	json_member_integer(writer, "pid", overview_pid(overview));
	json_member_string(writer, "status", overview_status(overview));
	json_member_string(writer, "command", overview->record.command);
	json_member_string(writer, "created", overview->record.create_time);
	if (overview_is_unwatched(overview))
		json_member_boolean(writer, "monitored", false);
}

static const char *classic_object(
	const struct overview *overview, struct arena *arena, struct error *err)
{
	struct json_writer writer;

	json_begin(&writer, arena, 0);
	json_object(&writer);
	classic_members(&writer, overview);
	json_object_end(&writer);
	return json_finish(&writer, NULL, err);
}

static const char *stats_object(
	const struct overview *overview, struct arena *arena, struct error *err)
{
	struct accounting accounting = accounting_read(&overview->record.cgroups);
	struct json_writer writer;

	json_begin(&writer, arena, 0);
	json_object(&writer);
	classic_members(&writer, overview);
	accounting_write(&writer, &accounting);
	json_object_end(&writer);
	return json_finish(&writer, NULL, err);
}

int verb_ps(const struct command *command, struct error *err)
{
	bool stats = command->given[OPTION_ps_stats];
	const struct listing_form form = {
		.headings = headings,
		.width = stats ? array_size(headings) : CLASSIC_WIDTH,
		.yielding = 1u << COMMAND,
		.status = STATUS,
		.schema = SCHEMA,
		.cells = stats ? stats_cells : classic_cells,
		.object = stats ? stats_object : classic_object,
	};

	return command->argc > 0 ? processes_print(command, err)
				 : listing_print(command, &form, err);
}

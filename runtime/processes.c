/*
 * The host's own ps cannot tell which processes are the container's, and need not be installed: the
 * cgroup tells which, /proc tells what they do. A process that ends while we look has no row.
 */
#include "runtime/processes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/columns.h"
#include "runtime/listing.h"
#include "runtime/owner.h"
#include "runtime/process.h"
#include "runtime/quantity.h"
#include "runtime/report.h"
#include "runtime/short_id.h"

/* ---- columns: rows of a name for -o, a heading and what fills the cell ---- */

static const char *pid_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%d", process->pid);
}

static const char *parent_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%d", process->parent);
}

static const char *inner_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%d", process->inner);
}

static const char *user_cell(const struct process *process, struct arena *arena)
{
	return owner_name((uid_t)process->uid, arena);
}

static const char *memory_cell(const struct process *process, struct arena *arena)
{
	return quantity_bytes(arena, (struct maybe_uint){true, process->memory});
}

static const char *command_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%s", process->command);
}

static const struct process_column {
	const char *name, *heading;
	const char *(*cell)(const struct process *process, struct arena *arena);
} process_columns[] = {
	{"pid", "PID", pid_cell},
	{"cpid", "CPID", inner_cell},
	{"user", "USER", user_cell},
	{"time", "TIME", process_cpu},
	{"etime", "ELAPSED", process_elapsed},
	{"args", "COMMAND", command_cell},
	{"mem", "MEMORY", memory_cell},
	{"cpu", "CPU %", process_share},
	{"ppid", "PPID", parent_cell},
	{"c", "C", process_load},
	{"stime", "STIME", process_begin},
	{"tty", "TTY", process_terminal},
	{"stat", "STAT", process_state},
};

#define COLUMNS_USUAL "pid,cpid,user,time,etime,args"

/* What ps(1) prints: for its option -f, which runc has as its own form, and for BSD's x. */
#define COLUMNS_FULL "user=UID,pid,ppid,c,stime,tty,time,args=CMD"
#define COLUMNS_BSD "pid,tty,stat,time,args"

struct choice {
	const struct process_column *column;
	const char *heading;
};

/* The words of a -o, each with its own heading behind "=", if it has one; -EINVAL with err for one
 * that is no column's. */
static int columns_choose(const char *words, struct choice *chosen, uint32_t *count,
	struct arena *arena, struct error *err)
{
	for (*count = 0; *words != '\0' || *count == 0; words += *words == ',') {
		size_t whole = strcspn(words, ","), length = strcspn(words, "=,"), i = 0;

		while (i < array_size(process_columns) &&
			(strncmp(process_columns[i].name, words, length) != 0 ||
				process_columns[i].name[length] != '\0'))
			i++;
		if (i == array_size(process_columns) || *count == COLUMNS_MAX) {
			error_set(err, ERROR_USAGE, EINVAL, "unknown column \"%.*s\"", (int)length,
				words);
			error_hint(err,
				"there are " COLUMNS_USUAL
				", mem, cpu, ppid, c, stime, tty and stat");
			return -EINVAL;
		}
		chosen[(*count)++] = (struct choice){&process_columns[i],
			length == whole
				? process_columns[i].heading
				: arena_copy(arena, words + length + 1, whole - length - 1)};
		words += whole;
	}
	return 0;
}

/* What the words after the id say. */
struct request {
	const char *columns;
	const char *format;
	bool quiet;
	bool aligned; /* numbers at the right edge, as ps(1) has them */
};

/* Letters of ps(1) without a value of their own. */
#define PS_LETTERS "AadefFgHjlLmMNrTuvwxyZ"

/* An option for ps(1), as runc passes it on: which processes is settled, how they look is not. */
static int word_of_ps(const char *word, struct request *request, struct error *err)
{
	const char *letters = word + (*word == '-');

	if (*letters == '\0' || letters[strspn(letters, PS_LETTERS)] != '\0')
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown word \"%s\" after the id: there are -o, -f and -q, and the "
			"letters "
			"of ps(1)",
			word);
	request->aligned = true;
	request->columns = strchr(letters, 'x') ? COLUMNS_BSD : COLUMNS_FULL;
	return 0;
}

/* The value of a word "NAME=VALUE", or of "NAME" the next word; NULL when it is another word. */
static const char *word_value(const struct command *command, int *at, const char *name)
{
	const char *word = command->argv[*at];
	size_t length = strlen(name);

	if (strncmp(word, name, length) != 0)
		return NULL;
	if (word[length] == '=')
		return word + length + 1;
	return word[length] == '\0' && *at + 1 < command->argc ? command->argv[++*at] : NULL;
}

static int word_read(
	const struct command *command, int *at, struct request *request, struct error *err)
{
	const char *word = command->argv[*at];
	const char *value;

	if ((value = word_value(command, at, "--format")))
		request->format = value;
	else if ((value = word_value(command, at, "-o")))
		request->columns = value;
	else if (strncmp(word, "-o", 2) == 0 && word[2] != '\0')
		request->columns = word + 2;
	else if (strcmp(word, "-q") == 0 || strcmp(word, "--quiet") == 0)
		request->quiet = true;
	else if (strcmp(word, "-f") == 0 && *at + 1 < command->argc)
		request->format = command->argv[++*at];
	else if (strncmp(word, "--", 2) == 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown option \"%s\" after the id: there are -o, -f and -q", word);
	else
		return word_of_ps(word, request, err);
	return 0;
}

static int request_read(const struct command *command, struct request *request, struct error *err)
{
	bool runc = strcmp(report_program(), "runc") == 0;
	int result = 0;

	*request = (struct request){
		.columns = runc ? COLUMNS_FULL : COLUMNS_USUAL,
		.aligned = runc,
		.format = command->value[OPTION_format],
		.quiet = command->given[OPTION_quiet],
	};
	for (int i = 1; i < command->argc && result == 0; i++)
		result = word_read(command, &i, request, err);
	return result;
}

static int table_print(const struct request *request, const pid_t *pids, uint32_t count,
	struct arena *arena, struct error *err)
{
	struct choice chosen[COLUMNS_MAX];
	const char *cells[COLUMNS_MAX];
	static struct process process;
	struct columns columns;
	uint32_t width;
	int result = columns_choose(request->columns, chosen, &width, arena, err);

	if (result < 0)
		return result;
	for (uint32_t i = 0; i < width; i++)
		cells[i] = chosen[i].heading;
	columns_begin(&columns, arena, cells, width);
	for (uint32_t i = 0; i < width; i++)
		if (chosen[i].column->cell == command_cell)
			columns.yielding |= 1u << i;
		else if (request->aligned && chosen[i].column->cell != user_cell)
			columns.right |= 1u << i;
	for (uint32_t i = 0; i < count; i++) {
		if (!process_read(&process, pids[i]))
			continue;
		for (uint32_t j = 0; j < width; j++)
			cells[j] = chosen[j].column->cell(&process, arena);
		columns_add(&columns, cells);
	}
	columns_print(&columns);
	return 0;
}

static void json_print(const pid_t *pids, uint32_t count)
{
	putchar('[');
	for (uint32_t i = 0; i < count; i++)
		printf("%s%d", i > 0 ? "," : "", pids[i]);
	puts("]");
}

/* Without a cgroup of its own, the first process is all that is known. */
static int processes_find(const struct existing *existing, struct arena *arena, pid_t **pids,
	uint32_t *count, struct error *err)
{
	static pid_t init;

	if (existing->record.cgroups.count > 0)
		return cgroup_processes(&existing->record.cgroups, arena, pids, count, err);
	init = (pid_t)existing->record.init.value;
	*pids = &init;
	*count = status_derive(&existing->record) != STATUS_STOPPED && init > 0;
	return 0;
}

int processes_print(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	struct arena arena = {0};
	uint32_t count = 0;
	pid_t *pids = NULL;
	struct request request;
	int result = request_read(command, &request, err);
	int json = result < 0 ? result : format_is_json(request.format, err);

	result = json < 0
		? json
		: existing_find(&existing, command->value[OPTION_root], command->argv[0], 0, err);
	if (result == 0)
		result = processes_find(&existing, &arena, &pids, &count, err);
	if (result == 0 && json)
		json_print(pids, count);
	else if (result == 0 && request.quiet)
		for (uint32_t i = 0; i < count; i++)
			printf("%d\n", pids[i]);
	else if (result == 0)
		result = table_print(&request, pids, count, &arena, err);
	arena_free(&arena);
	existing_free(&existing);
	return result;
}

/*
 * The host's own ps cannot tell which processes are the container's, and need not be installed: the
 * cgroup tells which, /proc tells what they do. A process that ends while we look has no row.
 */
#include "runtime/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup.h"
#include "runtime/columns.h"
#include "runtime/listing.h"
#include "runtime/quantity.h"
#include "runtime/short_id.h"

#define COMMAND_MAX 4096

struct process {
	pid_t pid;
	int inner; /* its pid in the innermost namespace */
	unsigned int uid;
	unsigned long long cpu, start; /* clock ticks; start since boot */
	uint64_t memory;               /* bytes, resident */
	char command[COMMAND_MAX];
};

/* The beginning of /proc/PID/name, NUL-terminated; its length or -1. */
static ssize_t process_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[48];
	auto_fd int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, size - 1);
	if (length >= 0)
		text[length] = '\0';
	return length;
}

/* The arguments with spaces between them; the name in brackets when there are none. */
static void command_read(struct process *process, const char *name, int name_length)
{
	ssize_t length =
		process_file(process->pid, "cmdline", process->command, sizeof(process->command));

	if (length <= 0)
		snprintf(process->command, sizeof(process->command), "[%.*s]", name_length, name);
	for (ssize_t i = 0; i + 1 < length; i++)
		if (process->command[i] == '\0')
			process->command[i] = ' ';
}

static bool process_read(struct process *process, pid_t pid)
{
	char stat[1024], status[4096];
	const char *open, *close, *uids, *pids, *memory;
	unsigned long long user, system;

	process->pid = pid;
	if (process_file(pid, "stat", stat, sizeof(stat)) < 0 ||
		process_file(pid, "status", status, sizeof(status)) < 0)
		return false;
	open = strchr(stat, '(');
	close = strrchr(stat, ')');
	uids = strstr(status, "\nUid:");
	pids = strstr(status, "\nNSpid:");
	if (open == NULL || close == NULL || uids == NULL || pids == NULL ||
		sscanf(uids, "\nUid:%*u%u", &process->uid) != 1 ||
		sscanf(close + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d "
			"%*d %*d %llu",
			&user, &system, &process->start) != 3)
		return false;
	process->cpu = user + system;
	process->memory = 0; /* a kernel thread has none */
	if ((memory = strstr(status, "\nVmRSS:")) != NULL)
		process->memory = strtoull(memory + strlen("\nVmRSS:"), NULL, 10) * 1024;
	pids += strlen("\nNSpid:");
	for (int read = 0; sscanf(pids, "%d%n", &process->inner, &read) == 1 && *pids != '\n';
		pids += read)
		;
	command_read(process, open + 1, (int)(close - open - 1));
	return true;
}

/* "01:02:03", with days before it when there are any. */
static const char *duration_format(struct arena *arena, unsigned long long ticks)
{
	unsigned long long seconds = ticks / (unsigned long long)sysconf(_SC_CLK_TCK);
	unsigned long long days = seconds / 86400;
	int rest = (int)(seconds % 86400);

	return days > 0
		? arena_format(arena, "%llu-%02d:%02d:%02d", days, rest / 3600, rest / 60 % 60,
			  rest % 60)
		: arena_format(arena, "%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60);
}

static unsigned long long ticks_since_boot(void)
{
	unsigned long long hertz = (unsigned long long)sysconf(_SC_CLK_TCK);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (unsigned long long)now.tv_sec * hertz +
		(unsigned long long)now.tv_nsec * hertz / 1000000000;
}

/* ---- columns: rows of a name for -o, a heading and what fills the cell ---- */

static const char *pid_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%d", process->pid);
}

static const char *inner_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%d", process->inner);
}

static const char *user_cell(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%u", process->uid);
}

static const char *time_cell(const struct process *process, struct arena *arena)
{
	return duration_format(arena, process->cpu);
}

static const char *elapsed_cell(const struct process *process, struct arena *arena)
{
	unsigned long long now = ticks_since_boot();

	return duration_format(arena, now > process->start ? now - process->start : 0);
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
	{"time", "TIME", time_cell},
	{"etime", "ELAPSED", elapsed_cell},
	{"args", "COMMAND", command_cell},
	{"mem", "MEMORY", memory_cell},
};

#define COLUMNS_USUAL "pid,cpid,user,time,etime,args"

/* The words of a -o; -EINVAL with err for one that is no column's. */
static int columns_choose(
	const char *words, const struct process_column **chosen, uint32_t *count, struct error *err)
{
	for (*count = 0; *words != '\0'; words += *words == ',') {
		size_t length = strcspn(words, ","), i = 0;

		while (i < array_size(process_columns) &&
			(strncmp(process_columns[i].name, words, length) != 0 ||
				process_columns[i].name[length] != '\0'))
			i++;
		if (i == array_size(process_columns) || *count == COLUMNS_MAX) {
			error_set(err, ERROR_USAGE, EINVAL, "unknown column \"%.*s\"", (int)length,
				words);
			error_hint(err, "there are " COLUMNS_USUAL " and mem");
			return -EINVAL;
		}
		chosen[(*count)++] = &process_columns[i];
		words += length;
	}
	return 0;
}

/* What follows -o among the words after the id; the usual columns without it. */
static const char *columns_asked(const struct command *command)
{
	for (int i = 1; i < command->argc; i++)
		if (strcmp(command->argv[i], "-o") == 0 && i + 1 < command->argc)
			return command->argv[i + 1];
		else if (strncmp(command->argv[i], "-o", 2) == 0 && command->argv[i][2] != '\0')
			return command->argv[i] + 2;
	return COLUMNS_USUAL;
}

static int table_print(const struct command *command, const pid_t *pids, uint32_t count,
	struct arena *arena, struct error *err)
{
	const struct process_column *chosen[COLUMNS_MAX];
	const char *cells[COLUMNS_MAX];
	static struct process process;
	struct columns columns;
	uint32_t width;
	int result = columns_choose(columns_asked(command), chosen, &width, err);

	if (result < 0)
		return result;
	for (uint32_t i = 0; i < width; i++)
		cells[i] = chosen[i]->heading;
	columns_begin(&columns, arena, cells, width);
	for (uint32_t i = 0; i < count; i++) {
		if (!process_read(&process, pids[i]))
			continue;
		for (uint32_t j = 0; j < width; j++)
			cells[j] = chosen[j]->cell(&process, arena);
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
	int json = listing_is_json(command, err);
	int result = json < 0
		? json
		: existing_find(&existing, command->value[OPTION_root], command->argv[0], 0, err);

	if (result == 0)
		result = processes_find(&existing, &arena, &pids, &count, err);
	if (result == 0 && json)
		json_print(pids, count);
	else if (result == 0 && command->given[OPTION_quiet])
		for (uint32_t i = 0; i < count; i++)
			printf("%d\n", pids[i]);
	else if (result == 0)
		result = table_print(command, pids, count, &arena, err);
	arena_free(&arena);
	existing_free(&existing);
	return result;
}

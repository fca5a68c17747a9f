/*
 * The host's own ps cannot tell which processes are the container's, and need not be installed: the
 * cgroup tells which, /proc tells what they do. A process that ends while we look has no row.
 */
#include "runtime/processes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup.h"
#include "runtime/columns.h"
#include "runtime/listing.h"
#include "runtime/short_id.h"

#define COMMAND_MAX 4096

static const char *const headings[] = {"PID", "CPID", "USER", "TIME", "ELAPSED", "COMMAND"};

struct process {
	pid_t pid;
	int inner; /* its pid in the innermost namespace */
	unsigned int uid;
	unsigned long long cpu, start; /* clock ticks; start since boot */
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
	const char *open, *close, *uids, *pids;
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

static void table_print(const pid_t *pids, uint32_t count, struct arena *arena)
{
	static struct process process;
	unsigned long long now = ticks_since_boot();
	struct columns columns;

	columns_begin(&columns, arena, headings, array_size(headings));
	for (uint32_t i = 0; i < count; i++) {
		if (!process_read(&process, pids[i]))
			continue;
		columns_add(&columns,
			(const char *const[]){
				arena_format(arena, "%d", process.pid),
				arena_format(arena, "%d", process.inner),
				arena_format(arena, "%u", process.uid),
				duration_format(arena, process.cpu),
				duration_format(
					arena, now > process.start ? now - process.start : 0),
				process.command,
			});
	}
	columns_print(&columns);
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
		table_print(pids, count, &arena);
	arena_free(&arena);
	existing_free(&existing);
	return result;
}

/* A process that ends while it is looked at is none: every file of it may be gone from one line to
 * the next. */
#include "runtime/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

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

bool process_read(struct process *process, pid_t pid)
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
			" %c %d %d %d %d %d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %ld %ld %*d "
			"%llu",
			&process->state, &process->parent, &process->group, &process->session,
			&process->terminal, &process->terminal_group, &user, &system,
			&process->nice, &process->threads, &process->start) != 11)
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

const char *process_cpu(const struct process *process, struct arena *arena)
{
	return duration_format(arena, process->cpu);
}

static unsigned long long ticks_elapsed(const struct process *process)
{
	unsigned long long now = ticks_since_boot();

	return now > process->start ? now - process->start : 0;
}

const char *process_elapsed(const struct process *process, struct arena *arena)
{
	return duration_format(arena, ticks_elapsed(process));
}

const char *process_share(const struct process *process, struct arena *arena)
{
	unsigned long long elapsed = ticks_elapsed(process);
	unsigned long long tenths = elapsed > 0 ? process->cpu * 1000 / elapsed : 0;

	return arena_format(arena, "%llu.%llu", tenths / 10, tenths % 10);
}

const char *process_load(const struct process *process, struct arena *arena)
{
	unsigned long long elapsed = ticks_elapsed(process);
	unsigned long long percent = elapsed > 0 ? process->cpu * 100 / elapsed : 0;

	return arena_format(arena, "%llu", percent < 99 ? percent : 99);
}

const char *process_begin(const struct process *process, struct arena *arena)
{
	unsigned long long hertz = (unsigned long long)sysconf(_SC_CLK_TCK);
	time_t now = time(NULL), begin = now - (time_t)(ticks_elapsed(process) / hertz);
	struct tm today, then;
	char text[16];

	if (localtime_r(&now, &today) == NULL || localtime_r(&begin, &then) == NULL)
		return "?";
	strftime(text, sizeof(text),
		today.tm_year != then.tm_year           ? "%Y"
			: today.tm_yday != then.tm_yday ? "%b%d"
							: "%H:%M",
		&then);
	return arena_format(arena, "%s", text);
}

const char *process_terminal(const struct process *process, struct arena *arena)
{
	unsigned int line = minor((dev_t)process->terminal);

	switch (major((dev_t)process->terminal)) {
	case 4: /* TTY_MAJOR: consoles, behind them serial lines */
		return line < 64 ? arena_format(arena, "tty%u", line)
				 : arena_format(arena, "ttyS%u", line - 64);
	case 136: /* UNIX98_PTY_SLAVE_MAJOR */
		return arena_format(arena, "pts/%u", line);
	default:
		return "?";
	}
}

const char *process_state(const struct process *process, struct arena *arena)
{
	return arena_format(arena, "%c%s%s%s%s", process->state,
		process->nice < 0           ? "<"
			: process->nice > 0 ? "N"
					    : "",
		process->session == process->pid ? "s" : "", process->threads > 1 ? "l" : "",
		process->terminal_group == process->group ? "+" : "");
}

/*
 * Which number is in which file depends on the kernel's cgroup version and on which controllers are
 * mounted where. So every file is tried in every directory of the container; of several that
 * answer, the last directory, the innermost, counts.
 */
#include "runtime/cgroup/accounting.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"

#define NO_LIMIT (1ull << 60) /* bytes; version 1 has a number for "none" */

static const struct gauge {
	const char *file;
	const char *key; /* of the line that holds the number; NULL: the file is the number */
	uint64_t divisor;
	size_t member;
} gauges[] = {
	{"memory.events", "oom_kill ", 1, offsetof(struct accounting, oom_kills)},
	{"memory.oom_control", "oom_kill ", 1, offsetof(struct accounting, oom_kills)},
	{"memory.peak", NULL, 1, offsetof(struct accounting, peak_memory)},
	{"memory.max_usage_in_bytes", NULL, 1, offsetof(struct accounting, peak_memory)},
	{"cpu.stat", "usage_usec ", 1, offsetof(struct accounting, cpu_usec)},
	{"cpuacct.usage", NULL, 1000, offsetof(struct accounting, cpu_usec)},
	{"memory.current", NULL, 1, offsetof(struct accounting, memory)},
	{"memory.usage_in_bytes", NULL, 1, offsetof(struct accounting, memory)},
	{"memory.max", NULL, 1, offsetof(struct accounting, memory_limit)},
	{"memory.limit_in_bytes", NULL, 1, offsetof(struct accounting, memory_limit)},
	{"pids.current", NULL, 1, offsetof(struct accounting, pids)},
};

/* The number after key at the beginning of a line of text; NULL when there is none. */
static const char *line_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0)
			return line + length;
	}
	return NULL;
}

static void gauge_read(const struct gauge *gauge, int directory, struct accounting *accounting)
{
	auto_fd int fd = openat(directory, gauge->file, O_RDONLY | O_CLOEXEC);
	struct maybe_uint *member = (struct maybe_uint *)((char *)accounting + gauge->member);
	char text[2048];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *digits;

	if (length < 0)
		return;
	text[length] = '\0';
	digits = gauge->key != NULL ? line_value(text, gauge->key) : text;
	if (digits == NULL)
		return;
	if (*digits < '0' || *digits > '9') /* "max" */
		return;
	member->given = true;
	member->value = strtoull(digits, NULL, 10) / gauge->divisor;
}

struct accounting accounting_read(const struct spec_cgroup_directory_list *directories)
{
	struct accounting accounting = {0};

	for (uint32_t i = 0; i < directories->count; i++) {
		auto_fd int fd = openat(
			AT_FDCWD, directories->items[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		for (size_t j = 0; fd >= 0 && j < array_size(gauges); j++)
			gauge_read(&gauges[j], fd, &accounting);
	}
	if (accounting.memory_limit.value >= NO_LIMIT)
		accounting.memory_limit = (struct maybe_uint){0};
	return accounting;
}

void accounting_write(struct json_writer *writer, const struct accounting *accounting)
{
	const struct {
		const char *key;
		struct maybe_uint number;
	} members[] = {
		{"cpuUsec", accounting->cpu_usec},
		{"memory", accounting->memory},
		{"peakMemory", accounting->peak_memory},
		{"memoryLimit", accounting->memory_limit},
		{"pids", accounting->pids},
		{"oomKills", accounting->oom_kills},
	};

	for (size_t i = 0; i < array_size(members); i++)
		if (members[i].number.given)
			json_member_unsigned(writer, members[i].key, members[i].number.value);
}

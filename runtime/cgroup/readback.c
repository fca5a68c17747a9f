/*
 * Files that take a value and may keep another. Amounts of memory are rounded to pages, which is
 * fine; a CPU list that leaves nothing is kept but not obeyed, which is not.
 */
#include "runtime/cgroup/readback.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/amount.h"
#include "runtime/cgroup/file.h"
#include "runtime/number_list.h"

#define CPUS 8192        /* CPUs and memory nodes that the kernel can have */
#define REPORT_MAX 32768 /* bytes: a list of every second one of them */

static bool words_differ(const char *asked, const char *found)
{
	return strcmp(asked, found) != 0;
}

/* "QUOTA PERIOD" against "QUOTA" or both: what was not asked for is the kernel's. */
static bool beginnings_differ(const char *asked, const char *found)
{
	size_t length = strlen(asked);

	return strncmp(asked, found, length) != 0 || (found[length] && found[length] != ' ');
}

/* Bytes; what v1 prints for no limit is the greatest number as well. */
static uint64_t bytes_read(const char *text)
{
	uint64_t amount = cgroup_amount(text);

	return amount > INT64_MAX - (uint64_t)0x10000 ? UINT64_MAX : amount;
}

static bool amounts_differ(const char *asked, const char *found)
{
	uint64_t a = bytes_read(asked), b = bytes_read(found);

	return (a > b ? a - b : b - a) >= (uint64_t)sysconf(_SC_PAGESIZE);
}

/* True when something is in force that was not asked for; less, of CPUs that are off, is fine. */
static bool lists_differ(const char *asked, const char *found)
{
	uint64_t allowed[CPUS / 64] = {0}, effective[CPUS / 64] = {0};

	if (!number_list_parse(asked, allowed, CPUS) || !number_list_parse(found, effective, CPUS))
		return false;
	for (size_t i = 0; i < array_size(allowed); i++)
		if (effective[i] & ~allowed[i])
			return true;
	return false;
}

/* The rest of the line about a device, which is the first word of asked; NULL when there is none.
 */
static const char *disk_line(const char *found, const char *asked, size_t device)
{
	for (const char *line = found; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, asked, device) == 0 && line[device] == ' ')
			return line + device;
	}
	return NULL;
}

/* "8:0 rbps=1000 wiops=max": for the kernel a rate ends where its digits do, and the greatest are
 * none. */
static bool rates_differ(const char *asked, const char *found)
{
	size_t device = strcspn(asked, " ");
	const char *line = disk_line(found, asked, device);

	for (const char *word = asked + device; line && *word == ' ';
		word += strcspn(word, " \n")) {
		int key = (int)strcspn(++word, "= \n");
		char name[16];
		const char *rate;
		uint64_t a, b;

		snprintf(name, sizeof(name), " %.*s=", key, word);
		rate = strstr(line, name);
		a = cgroup_amount(word + key + (word[key] == '='));
		b = rate ? cgroup_amount(rate + strlen(name)) : a;
		if (a != b && (a < UINT32_MAX || b != UINT64_MAX))
			return true;
	}
	return false;
}

static const struct readback {
	const char *file;
	const char *report; /* the file that shows what is in force */
	bool (*differ)(const char *asked, const char *found);
} readbacks[] = {
	{"memory.limit_in_bytes", "memory.limit_in_bytes", amounts_differ},
	{"memory.memsw.limit_in_bytes", "memory.memsw.limit_in_bytes", amounts_differ},
	{"memory.soft_limit_in_bytes", "memory.soft_limit_in_bytes", amounts_differ},
	{"memory.kmem.tcp.limit_in_bytes", "memory.kmem.tcp.limit_in_bytes", amounts_differ},
	{"memory.max", "memory.max", amounts_differ},
	{"memory.swap.max", "memory.swap.max", amounts_differ},
	{"memory.low", "memory.low", amounts_differ},
	{"memory.min", "memory.min", amounts_differ},
	{"memory.high", "memory.high", amounts_differ},
	{"pids.max", "pids.max", words_differ},
	{"cpu.cfs_quota_us", "cpu.cfs_quota_us", words_differ},
	{"cpu.cfs_period_us", "cpu.cfs_period_us", words_differ},
	{"cpu.max", "cpu.max", beginnings_differ},
	{"io.max", "io.max", rates_differ},
	{"cpuset.cpus", "cpuset.effective_cpus", lists_differ},
	{"cpuset.mems", "cpuset.effective_mems", lists_differ},
	{"cpuset.cpus", "cpuset.cpus.effective", lists_differ},
	{"cpuset.mems", "cpuset.mems.effective", lists_differ},
};

bool cgroup_readback_differs(
	const char *directory, const char *file, const char *value, char *found, size_t size)
{
	char text[REPORT_MAX];

	for (size_t i = 0; i < array_size(readbacks); i++) {
		const struct readback *readback = &readbacks[i];

		if (strcmp(readback->file, file) == 0 &&
			cgroup_file_read(directory, readback->report, text, sizeof(text)) >= 0 &&
			readback->differ(value, text)) {
			snprintf(found, size, "%s", text);
			return true;
		}
	}
	return false;
}

bool cgroup_readback_knows(const char *file)
{
	for (size_t i = 0; i < array_size(readbacks); i++)
		if (strcmp(readbacks[i].file, file) == 0)
			return true;
	return false;
}

/*
 * One limit, written and made sure of. The kernel tells little (an errno) and sometimes nothing (it
 * takes a value and keeps another). So a refusal is explained from two tables: what an errno means
 * for a file, and which other file shows why; and files that are known to change what they are
 * given are read back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/amount.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/file.h"
#include "runtime/cgroup/readback.h"

#define SUBTREE "cgroup.subtree_control"
#define HUGE "hugetlb."
#define ANY 0

/* What a refusal means: hint, and a file below the directory whose content completes it (or NULL).
 */
static const struct refusal {
	const char *file; /* or its beginning, up to a last "*" */
	int number;       /* errno, or ANY */
	const char *evidence;
	const char *hint;
} refusals[] = {
	{"memory.limit_in_bytes", EBUSY, "memory.usage_in_bytes", "in use already, in bytes:"},
	{"memory.memsw.limit_in_bytes", EBUSY, "memory.memsw.usage_in_bytes",
		"in use already, in bytes:"},
	{"memory.memsw.limit_in_bytes", EINVAL, "memory.limit_in_bytes",
		"it cannot be less than memory.limit, which is"},
	{"memory.*", EINVAL, NULL, "the kernel takes no such amount"},
	{"cpuset.cpus", ANY, "../cpuset.cpus.effective", "the cgroup above has the CPUs"},
	{"cpuset.cpus", ANY, "../cpuset.effective_cpus", "the cgroup above has the CPUs"},
	{"cpuset.mems", ANY, "../cpuset.mems.effective", "the cgroup above has the memory nodes"},
	{"cpuset.mems", ANY, "../cpuset.effective_mems", "the cgroup above has the memory nodes"},
	{"cpu.rt_runtime_us", EINVAL, "../cpu.rt_runtime_us",
		"it comes out of what the cgroup above has, in microseconds:"},
	{"cpu.cfs_quota_us", EINVAL, "../cpu.cfs_quota_us",
		"a quota is at least 1000 and in no greater share than above, where it is"},
	{"cpu.cfs_period_us", EINVAL, NULL, "a period is 1000 to 1000000 microseconds"},
	{"cpu.cfs_burst_us", EINVAL, "cpu.cfs_quota_us", "a burst is at most the quota, which is"},
	{"cpu.max", EINVAL, NULL, "quota and period are 1000 microseconds or more"},
	{"cpu.max.burst", EINVAL, "cpu.max", "a burst is at most the quota of cpu.max, which is"},
	{"devices.allow", EPERM, "../devices.list", "the cgroup above allows"},
	{"blkio.*", ENODEV, NULL, "no disk has this number"},
	{"io.*", ENODEV, NULL, "no disk has this number"},
	{"rdma.max", ENODEV, NULL, "no RDMA device has this name"},
	{SUBTREE, EBUSY, NULL,
		"this cgroup has processes of its own: cgroup v2 hands controllers down only where "
		"there are none"},
	{SUBTREE, EOPNOTSUPP, NULL,
		"this cgroup is threaded, or has processes beside cgroups below it"},
	{SUBTREE, EACCES, "cgroup.controllers",
		"the administrator has to hand the controller down, for systemd by Delegate= of "
		"user@.service; it has"},
	{SUBTREE, ENOENT, "cgroup.controllers", "the controllers that are handed down to it are"},
	{"*", ENOENT, NULL,
		"the kernel has no such file: its controller lacks this limit, or is not enabled"},
};

static bool file_matches(const char *pattern, const char *file)
{
	size_t length = strcspn(pattern, "*");

	return strncmp(pattern, file, length) == 0 && (pattern[length] == '*' || !file[length]);
}

static void refusal_explain(const char *directory, const char *file, int number, struct error *err)
{
	char text[128];

	for (size_t i = 0; i < array_size(refusals); i++) {
		const struct refusal *refusal = &refusals[i];

		if ((refusal->number != ANY && refusal->number != number) ||
			!file_matches(refusal->file, file))
			continue;
		if (!refusal->evidence)
			error_hint(err, "%s", refusal->hint);
		else if (cgroup_file_read(directory, refusal->evidence, text, sizeof(text)) >= 0)
			error_hint(err, "%s %s", refusal->hint, text);
	}
}

static int limit_refused(
	const char *directory, const char *file, const char *value, int number, struct error *err)
{
	int r = error_set(err, ERROR_CGROUP, number, "cannot write \"%s\" to %s/%s: %s", value,
		directory, file, strerror(number));

	error_value(err, "%s", value);
	refusal_explain(directory, file, number, err);
	return r;
}

/* Writes each line by one write(2), which is one command to the kernel. */
static int lines_write(int fd, const char *value)
{
	for (const char *line = value;; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, "\n");

		while ((length > 0 || line == value) && write(fd, line, length) < 0)
			if (errno != EINTR)
				return -errno;
		if (line[length] == '\0')
			return 0;
	}
}

/*
 * What "+A" to SUBTREE would do: 1 nothing, it is enabled; 0 enable it; or the errno of a refusal.
 * The kernel would let processes stay for some controllers (cpu, cpuset, pids), and make a threaded
 * domain of the cgroup, below which no container can be.
 */
static int subtree_check(const char *directory, const char *value)
{
	char enabled[512], type[32], process[16];
	bool has = cgroup_file_read(directory, SUBTREE, enabled, sizeof(enabled)) > 0 &&
		controllers_have(enabled, ' ', value + 1, strlen(value + 1));

	if (cgroup_file_read(directory, "cgroup.type", type, sizeof(type)) < 0) /* the root */
		return has;
	if (strcmp(type, "domain") != 0)
		return -EOPNOTSUPP;
	if (!has && cgroup_file_read(directory, "cgroup.procs", process, sizeof(process)) > 0)
		return -EBUSY;
	return has;
}

/* Writes one file. -ENOENT without an error: it is not there, or is a SUBTREE that need not take
 * it, and other names are left to try. */
static int limit_write(
	const char *directory, const char *file, const char *value, bool last, struct error *err)
{
	auto_fd int fd = -1;
	char found[256];
	bool subtree = strcmp(file, SUBTREE) == 0;
	int r = subtree && value[0] == '+' ? subtree_check(directory, value) : 0;

	if (r > 0)
		return 0;
	if (r == 0) {
		fd = cgroup_file_open(directory, file, O_WRONLY);
		r = fd < 0 ? fd : lines_write(fd, value);
	}
	if (!last && (fd == -ENOENT || (subtree && r < 0)))
		return -ENOENT;
	if (r < 0)
		return limit_refused(directory, file, value, -r, err);
	if (cgroup_readback_differs(directory, file, value, found, sizeof(found))) {
		r = error_set(err, ERROR_CGROUP, ERANGE,
			"%s/%s was given \"%s\", but \"%s\" is in force", directory, file, value,
			found);
		error_value(err, "%s", value);
		return r;
	}
	return 0;
}

/* The next part of a list that "|" separates, cut off in place; the last one again when there is
 * none left. */
static char *part_next(char **rest)
{
	char *part = *rest, *end = strchr(part, '|');

	if (end) {
		*end = '\0';
		*rest = end + 1;
	}
	return part;
}

/* Tries the files in turn; an empty name is reached when none exists and none is needed. */
static int alternatives_write(const char *directory, char *files, char *values, struct error *err)
{
	int r = -ENOENT;

	while (r == -ENOENT && err->code == ERROR_NONE) {
		bool last = !strchr(files, '|');
		const char *file = part_next(&files), *value = part_next(&values);

		if (file[0] == '\0')
			return 0;
		r = limit_write(directory, file, value, last, err);
	}
	return r;
}

int cgroup_limit(const char *directory, const char *file, const char *value, struct error *err)
{
	auto_free char *files = NULL, *values = NULL;

	if (!strchr(file, '|'))
		return limit_write(directory, file, value, true, err);
	files = strdup(file);
	values = strdup(value);
	if (!files || !values)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	return alternatives_write(directory, files, values, err);
}

/* Of huge pages the kernel keeps whole ones; "hugetlb.2MB.max" tells their size. */
static bool pages_hold(const char *file, const char *value, const char *found)
{
	uint64_t asked = cgroup_amount(value), kept = cgroup_amount(found);
	uint64_t page = cgroup_amount(file + strlen(HUGE));

	asked = asked < INT64_MAX ? asked : INT64_MAX; /* v1's number for none is not far below */
	return kept <= asked && asked - kept < page;
}

/* A file that holds one number shows it again as it was written. */
static bool number_holds(
	const char *directory, const char *file, const char *value, char *found, size_t size)
{
	static const char digits[] = "0123456789";

	if (value[strspn(value, digits)] != '\0' ||
		cgroup_file_read(directory, file, found, size) < 0 ||
		found[strspn(found, digits)] != '\0' || strcmp(found, value) == 0)
		return true;
	return strncmp(file, HUGE, strlen(HUGE)) == 0 && pages_hold(file, value, found);
}

bool cgroup_limit_holds(
	const char *directory, const char *file, const char *value, char *found, size_t size)
{
	auto_free char *files = strdup(file), *values = strdup(value);
	char *rest_files = files, *rest_values = values;

	for (bool last = !files || !values; !last;) {
		const char *one, *asked;

		last = !strchr(rest_files, '|');
		one = part_next(&rest_files);
		asked = part_next(&rest_values);
		if (one[0] == '\0' || !cgroup_file_exists(directory, one))
			continue;
		return !cgroup_readback_differs(directory, one, asked, found, size) &&
			(cgroup_readback_knows(one) ||
				number_holds(directory, one, asked, found, size));
	}
	return true;
}

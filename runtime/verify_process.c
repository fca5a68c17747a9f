/*
 * A program may give up rights, and lower its limits: what counts is that it has not more than was
 * asked for.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/verify.h"

/* The number after a word of /proc/PID/status. */
static uint64_t status_number(const struct evidence *evidence, const char *word, int base)
{
	const char *line = strstr(evidence->status, word);

	return line ? strtoull(line + strlen(word), NULL, base) : 0;
}

/* A file of one line as text; false when it cannot be read. */
static bool line_read(const char *path, char *text, size_t size)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (length < 0)
		return false;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

/* Whether another step has written the same file later, or has made the cgroup idle: then the
 * kernel gives it shares of its own. */
static bool limit_is_superseded(const struct plan *plan, const struct step_limit *step)
{
	const char *file = plan_string(plan, step->file);
	bool has_shares = strcmp(file, "cpu.shares") == 0 || strcmp(file, "cpu.weight") == 0;
	bool later = false;

	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *other_step = &plan_steps(plan)[i];
		const struct step_limit *other = plan_arguments(plan, other_step);
		const char *name;

		if (other_step->kind != STEP_limit)
			continue;
		name = plan_string(plan, other->file);
		if (later &&
			strcmp(plan_string(plan, other->directory),
				plan_string(plan, step->directory)) == 0 &&
			(strcmp(name, file) == 0 ||
				(has_shares && strcmp(name, "cpu.idle") == 0 &&
					strcmp(plan_string(plan, other->value), "1") == 0)))
			return true;
		later |= other == step;
	}
	return false;
}

static bool limit_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_limit *step = arguments;
	const struct plan *plan = evidence->plan;
	char now[256] = "";
	bool holds = cgroup_limit_holds(plan_string(plan, step->directory),
		plan_string(plan, step->file), plan_string(plan, step->value), now, sizeof(now));

	snprintf(found, size, "of %s, \"%s\" is in force instead of \"%s\"",
		plan_string(plan, step->file), now, plan_string(plan, step->value));
	return holds || limit_is_superseded(plan, step);
}

static bool filter_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_device_filter *step = arguments;

	snprintf(found, size, "there is none");
	return step->program.length == 0 ||
		cgroup_filter_is_attached(plan_string(evidence->plan, step->directory));
}

static bool namespaces_hold(
	const struct evidence *evidence, uint64_t types, char *found, size_t size)
{
	static const struct {
		uint64_t type;
		const char *file;
	} files[] = {
		{CLONE_NEWNS, "mnt"},
		{CLONE_NEWPID, "pid"},
		{CLONE_NEWNET, "net"},
		{CLONE_NEWUTS, "uts"},
		{CLONE_NEWIPC, "ipc"},
		{CLONE_NEWUSER, "user"},
		{CLONE_NEWCGROUP, "cgroup"},
	};
	char path[64];
	struct stat own, its;

	for (size_t i = 0; i < array_size(files); i++) {
		if (!(types & files[i].type))
			continue;
		snprintf(path, sizeof(path), "/proc/self/ns/%s", files[i].file);
		if (stat(path, &own) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", evidence->pid, files[i].file);
		if (stat(path, &its) < 0 || its.st_ino != own.st_ino)
			continue;
		snprintf(found, size, "it shares the %s namespace with us", files[i].file);
		return false;
	}
	return true;
}

static bool clone_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_clone *step = arguments;

	return namespaces_hold(evidence, step->namespaces, found, size);
}

static bool unshare_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_unshare *step = arguments;

	return namespaces_hold(evidence, step->types, found, size);
}

static bool oom_score_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_oom_score *step = arguments;
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", evidence->pid);
	if (!line_read(path, text, sizeof(text)))
		return true;
	snprintf(found, size, "it is %s", text);
	return strtoll(text, NULL, 10) == step->value;
}

/* Lower ones are the program's own doing. */
static bool rlimit_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_rlimit *step = arguments;
	struct rlimit now;

	if (prlimit(evidence->pid, (unsigned int)step->resource, NULL, &now) < 0)
		return true;
	snprintf(found, size, "the hard limit is %" PRIu64, (uint64_t)now.rlim_max);
	return now.rlim_max <= step->hard;
}

static bool no_new_privs_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	snprintf(found, size, "new privileges are allowed");
	return status_number(evidence, "NoNewPrivs:", 10) == 1;
}

static bool seccomp_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	snprintf(found, size, "there is no filter");
	return status_number(evidence, "Seccomp:", 10) == 2;
}

static bool bounding_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_user *step = arguments;
	uint64_t more = status_number(evidence, "CapBnd:", 16) & ~step->bounding;

	snprintf(found, size, "the bounding set has more, %#" PRIx64, more);
	return more == 0;
}

static bool capabilities_hold(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_capabilities *step = arguments;
	uint64_t more = status_number(evidence, "CapAmb:", 16) & ~step->ambient;

	more |= status_number(evidence, "CapInh:", 16) & ~step->inheritable;
	snprintf(found, size, "it has more, %#" PRIx64, more);
	return more == 0;
}

static bool hostname_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_hostname *step = arguments;
	struct utsname names;

	uname(&names);
	snprintf(found, size, "it is \"%s\"", names.nodename);
	return strcmp(names.nodename, plan_string(evidence->plan, step->name)) == 0;
}

static bool domainname_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_domainname *step = arguments;
	struct utsname names;

	uname(&names);
	snprintf(found, size, "it is \"%s\"", names.domainname);
	return strcmp(names.domainname, plan_string(evidence->plan, step->name)) == 0;
}

static bool sysctl_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_sysctl *step = arguments;
	const char *asked = plan_string(evidence->plan, step->value);
	char path[512], text[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", plan_string(evidence->plan, step->path));
	if (!line_read(path, text, sizeof(text)) || strpbrk(asked, " \t\n"))
		return true; /* several numbers come back with other blanks between them */
	snprintf(found, size, "it is \"%s\"", text);
	return strcmp(text, asked) == 0;
}

const struct verifier verifiers_of_process[] = {
	{STEP_limit, limit_holds, false},
	{STEP_device_filter, filter_holds, false},
	{STEP_clone, clone_holds, false},
	{STEP_unshare, unshare_holds, false},
	{STEP_oom_score, oom_score_holds, false},
	{STEP_rlimit, rlimit_holds, false},
	{STEP_no_new_privs, no_new_privs_holds, false},
	{STEP_seccomp, seccomp_holds, false},
	{STEP_user, bounding_holds, false},
	{STEP_capabilities, capabilities_hold, false},
	{STEP_hostname, hostname_holds, true},
	{STEP_domainname, domainname_holds, true},
	{STEP_sysctl, sysctl_holds, true},
	{0},
};

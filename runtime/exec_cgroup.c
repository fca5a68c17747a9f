/*
 * A container that makes cgroups of its own, as an init system does, leaves no process beside them;
 * on version 2 none can be added there. One more goes where the first process is (birth.c), or
 * where its caller says.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/exec_cgroup.h"

static bool path_leaves(const char *path)
{
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += strspn(part, "/");
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return true;
	}
	return false;
}

/* Whether one of the words, separated by commas, is among the hierarchy's. */
static bool hierarchy_has(
	const struct cgroup_hierarchy *hierarchy, const char *words, size_t length)
{
	const char *end = words + length;

	for (const char *word = words; word < end; word += strcspn(word, ",:") + 1) {
		size_t size = strcspn(word, ",:");

		for (const char *own = hierarchy->controllers; own; own = strchr(own, ',')) {
			own += *own == ',';
			if (strcspn(own, ",") == size && memcmp(own, word, size) == 0)
				return true;
		}
	}
	return false;
}

static int directory_extend(
	struct existing *existing, uint32_t index, const char *path, struct error *err)
{
	const char **directory = &existing->cgroup.directories[index];

	*directory = arena_format(&existing->spec.arena, "%s/%s", *directory, path);
	if (!*directory)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (access(*directory, F_OK) < 0)
		return error_set(err, ERROR_CGROUP, errno, "error adding pid to the cgroup %s: %s",
			*directory, strerror(errno));
	return 0;
}

static int value_apply(struct existing *existing, const char *value, struct error *err)
{
	const char *colon = strchr(value, ':');
	const char *path = colon ? colon + 1 : value;
	bool found = false;

	path += strspn(path, "/");
	if (path_leaves(path))
		return error_set(err, ERROR_USAGE, EINVAL,
			"bad sub cgroup path \"%s\": it lies outside the container's cgroup",
			value);
	for (uint32_t i = 0; i < existing->cgroup.count; i++) {
		const struct cgroup_hierarchy *hierarchy = &existing->cgroup_host.hierarchies[i];
		int result;

		if (!existing->cgroup.directories[i] ||
			(colon && !hierarchy_has(hierarchy, value, (size_t)(colon - value))))
			continue;
		found = true;
		result = *path ? directory_extend(existing, i, path, err) : 0;
		if (result < 0)
			return result;
	}
	return found
		? 0
		: error_set(err, ERROR_CGROUP, ENOENT,
			  "unknown controller in \"%s\": the container has no cgroup of it", value);
}

int exec_cgroup_choose(
	struct existing *existing, const struct option_values *values, struct error *err)
{
	for (uint32_t i = 0; i < values->count; i++) {
		int result = value_apply(existing, values->items[i], err);

		if (result < 0)
			return result;
	}
	return 0;
}

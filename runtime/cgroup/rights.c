/*
 * A caller without privilege has, as a rule, no cgroup that it may put anything into, and wants a
 * container all the same. What it asks for by name is tried and fails with the kernel's reason; a
 * place that nobody asked for is given up where it cannot be had. A limit that would have been
 * written there is refused later, by cgroup_compile.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/controllers.h"
#include "runtime/cgroup/file.h"
#include "runtime/report.h"
#include "spec/arena.h"

#define DELEGATED "cpu cpuset io memory pids" /* that systemd hands down to users */

/* Cuts path off at the nearest directory that exists. */
static void path_shorten(char *path)
{
	char *slash;

	while (access(path, F_OK) < 0 && (slash = strrchr(path, '/')) != NULL && slash != path)
		*slash = '\0';
}

/* True when the directory can be made below the nearest one that exists, and be entered. */
static bool directory_permitted(const char *directory)
{
	char path[PATH_MAX];

	if (strlen(directory) >= sizeof(path))
		return false;
	strcpy(path, directory);
	path_shorten(path);
	return access(path, W_OK | X_OK) == 0;
}

void cgroup_place_permitted(struct cgroup_place *place)
{
	for (uint32_t i = 0; i < place->count; i++)
		if (!directory_permitted(place->directories[i]))
			place->directories[i] = NULL;
}

/* The words of the list that the other has not, with spaces. */
static const char *list_without(struct arena *arena, const char *list, const char *other)
{
	const char *missing = "";

	for (const char *word = list; missing && *word; word += strspn(word, " ")) {
		size_t length = strcspn(word, " ");

		if (!controllers_have(other, ' ', word, length))
			missing = arena_format(
				arena, "%s%s%.*s", missing, *missing ? " " : "", (int)length, word);
		word += length;
	}
	return missing ? missing : "";
}

/* Controllers that are not handed down to where the cgroup will be. */
static void controllers_report(const char *directory, struct arena *arena)
{
	char path[PATH_MAX], text[512];
	const char *missing;

	if (strlen(directory) >= sizeof(path))
		return;
	strcpy(path, directory);
	path_shorten(path);
	if (cgroup_file_read(path, "cgroup.controllers", text, sizeof(text)) < 0)
		return;
	missing = list_without(arena, DELEGATED, text);
	if (*missing)
		report_debug("no limit of %s can be in force: %s has not got these controllers; "
			     "the administrator hands them down by Delegate=%s%s%s in "
			     "/etc/systemd/system/user@.service.d/delegate.conf",
			missing, path, text, *text ? " " : "", missing);
}

void cgroup_place_report(
	const struct cgroup_host *host, const struct cgroup_place *place, struct arena *arena)
{
	if (!place->unprivileged || !report_is_debug() || place->driver == CGROUP_DISABLED)
		return;
	for (uint32_t i = 0; i < place->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &host->hierarchies[i];
		const char *controllers =
			hierarchy->unified ? host->v2_controllers : hierarchy->controllers;

		if (place->directories[i] && hierarchy->unified)
			controllers_report(place->directories[i], arena);
		else if (!place->directories[i])
			report_debug("no limit of %s can be in force: this caller may make no "
				     "cgroup below %s; the administrator can delegate one, which "
				     "is then named in the configuration, or start systemd for "
				     "the user: loginctl enable-linger, and --systemd-cgroup",
				controllers, hierarchy->mount);
	}
	report_debug("no rule about devices can be in force: only root may set one; a device opens "
		     "by the rights of its file");
}

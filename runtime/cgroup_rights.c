/*
 * A caller without privilege has, as a rule, no cgroup that it may put anything into, and wants a
 * container all the same. What it asks for by name is tried and fails with the kernel's reason; a
 * place that nobody asked for is given up where it cannot be had. A limit that would have been
 * written there is refused later, by cgroup_compile.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cgroup.h"

/* True when the directory can be made below the nearest one that exists, and be entered. */
static bool directory_permitted(const char *directory)
{
	char path[PATH_MAX], *slash;

	if (strlen(directory) >= sizeof(path))
		return false;
	strcpy(path, directory);
	if (access(path, F_OK) == 0)
		return access(path, W_OK | X_OK) == 0;
	while ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		if (access(path, F_OK) == 0)
			break;
	}
	return access(path, W_OK | X_OK) == 0;
}

void cgroup_place_permitted(struct cgroup_place *place)
{
	for (uint32_t i = 0; i < place->count; i++)
		if (!directory_permitted(place->directories[i]))
			place->directories[i] = NULL;
}

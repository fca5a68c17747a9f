/* A hybrid host may have a controller in either kind of hierarchy, so each file is asked about by
 * itself. */
#include "runtime/cgroup/controllers.h"

#include <string.h>

bool controllers_have(const char *list, char separator, const char *word, size_t length)
{
	for (const char *at = list; at; at = strchr(at, separator)) {
		at += *at == separator;
		if (strncmp(at, word, length) == 0 &&
			(at[length] == separator || at[length] == '\0'))
			return true;
	}
	return false;
}

size_t controller_length(const char *file)
{
	return strcspn(file, ".");
}

bool controller_is_core(const char *file)
{
	return strncmp(file, "cgroup.", strlen("cgroup.")) == 0;
}

uint32_t controller_v1(const struct cgroup_host *host, const char *file)
{
	for (uint32_t i = 0; file && i < host->count; i++)
		if (!host->hierarchies[i].unified &&
			controllers_have(host->hierarchies[i].controllers, ',', file,
				controller_length(file)))
			return i;
	return CGROUP_NOWHERE;
}

uint32_t controller_v2(const struct cgroup_host *host, const char *file)
{
	if (!controller_is_core(file) &&
		!controllers_have(host->v2_controllers, ' ', file, controller_length(file)))
		return CGROUP_NOWHERE;
	return controller_unified(host);
}

uint32_t controller_unified(const struct cgroup_host *host)
{
	for (uint32_t i = 0; i < host->count; i++)
		if (host->hierarchies[i].unified)
			return i;
	return CGROUP_NOWHERE;
}

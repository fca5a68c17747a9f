/* Lists of controllers, as /proc/self/cgroup ("cpu,cpuacct") and cgroup.controllers ("cpu memory")
 * write them. */
#pragma once

#include <stdbool.h>
#include <string.h>

/* True when the word (length bytes) is in the list. The empty word is in the empty list only. */
static inline bool controllers_have(
	const char *list, char separator, const char *word, size_t length)
{
	for (const char *at = list; at; at = strchr(at, separator)) {
		at += *at == separator;
		if (strncmp(at, word, length) == 0 &&
			(at[length] == separator || at[length] == '\0'))
			return true;
	}
	return false;
}

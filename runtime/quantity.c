/* What is not counted on this host is an empty cell, never a 0 that looks like a measurement. */
#include "runtime/quantity.h"

#include <stdint.h>

#include "nsexec/cleanup.h"

const char *quantity_bytes(struct arena *arena, struct maybe_uint bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t tenths = bytes.value < UINT64_MAX / 10 ? bytes.value * 10 : UINT64_MAX;
	size_t unit = 0;

	if (!bytes.given)
		return "";
	for (; tenths >= 10240 && unit + 1 < array_size(units); unit++)
		tenths /= 1024;
	return tenths % 10 == 0 || tenths >= 1000
		? arena_format(arena, "%llu %s", (unsigned long long)tenths / 10, units[unit])
		: arena_format(arena, "%llu.%llu %s", (unsigned long long)tenths / 10,
			  (unsigned long long)tenths % 10, units[unit]);
}

const char *quantity_time(struct arena *arena, struct maybe_uint microseconds)
{
	unsigned long long seconds = microseconds.value / 1000000;

	if (!microseconds.given)
		return "";
	return arena_format(arena, "%02llu:%02llu:%02llu.%03llu", seconds / 3600, seconds / 60 % 60,
		seconds % 60, (unsigned long long)microseconds.value / 1000 % 1000);
}

const char *quantity_count(struct arena *arena, struct maybe_uint count)
{
	return count.given ? arena_format(arena, "%llu", (unsigned long long)count.value) : "";
}

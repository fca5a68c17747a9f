/* unified hands words to the kernel as they are, so they are read as the kernel reads them. */
#include "runtime/cgroup/amount.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

uint64_t cgroup_amount(const char *text)
{
	static const char units[] = "KMGTPE";
	const char *unit;
	uint64_t amount;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return UINT64_MAX;
	amount = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	return unit ? amount << 10 * (unit - units + 1) : amount;
}

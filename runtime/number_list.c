/* The kernel takes sets of CPUs and nodes as bits, people write them as lists of ranges. */
#include "runtime/number_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number below limit; NULL when there is none. */
static const char *number_read(const char *text, uint32_t limit, unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno == 0 && *number < limit ? end : NULL;
}

bool number_list_parse(const char *text, uint64_t *bits, uint32_t limit)
{
	for (;;) {
		unsigned long first, last;

		text = number_read(text + strspn(text, " "), limit, &first);
		if (text == NULL)
			return false;
		last = first;
		if (*text == '-')
			text = number_read(text + 1, limit, &last);
		if (text == NULL || last < first)
			return false;
		for (unsigned long i = first; i <= last; i++)
			bits[i / 64] |= 1ULL << i % 64;
		text += strspn(text, " ");
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

uint32_t number_list_size(const uint64_t *bits, uint32_t limit)
{
	uint32_t words = limit / 64;

	while (words > 1 && bits[words - 1] == 0)
		words--;
	return words * (uint32_t)sizeof(*bits);
}

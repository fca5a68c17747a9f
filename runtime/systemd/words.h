/* Packets of the protocol (runtime/unit/manager_protocol.h), word by word. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What is left of a packet: words with a NUL behind each. */
struct words {
	const char *next, *end;
};

/* The next word, or NULL when there is none. */
static inline const char *word_next(struct words *words)
{
	const char *word = words->next;

	if (word == words->end)
		return NULL;
	while (*words->next++)
		;
	return word;
}

/* Memory that is given back all at once: one arena per decoded document or verb, no free code. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_block *blocks;
	size_t used; /* in the newest block */
};

/*
 * size bytes, zeroed, aligned to 16; NULL when there is no memory. A zeroed struct arena is an
 * empty arena; blocks are mmapped, so that they really return to the kernel (a waiting monitor
 * keeps nothing).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of length bytes; the strings up to a NULL, one behind the other; a
 * formatted string, also of a list of arguments. NULL when there is no memory. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);
__attribute__((sentinel)) char *arena_join(struct arena *arena, ...);
__attribute__((format(printf, 2, 3))) char *arena_format(
	struct arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) char *arena_format_list(
	struct arena *arena, const char *format, va_list arguments);

/* Gives everything back, but for a block or two that the next arenas get. */
void arena_free(struct arena *arena);

/* Gives those back, too: for who has a long wait before it. */
void arena_trim(void);

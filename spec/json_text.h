/* JSON as text, before it is parsed: what must not be in it, and where a byte of it is. For json.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "spec/arena.h"
#include "spec/error.h"

#define JSON_SIZE_MAX ((size_t)16 * 1024 * 1024)

/*
 * Refuses what is longer than JSON_SIZE_MAX, not UTF-8, holds a NUL (as a byte or an escape), or
 * escapes half a surrogate pair. Returns 0 or -EINVAL with err filled.
 */
int json_text_check(const char *text, size_t length, struct error *err);

struct json_position {
	size_t line, column; /* from 1; columns count characters */
	const char *token;   /* what stands there, at most 40 bytes of it */
	size_t length;       /* 0 at the end of the text */
};

void json_text_position(const char *text, size_t length, size_t at, struct json_position *position);

/* A copy in which what is not UTF-8 is U+FFFD; NULL when there is no memory. */
char *json_text_repair(struct arena *arena, const char *text, size_t *length);

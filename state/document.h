/*
 * Small files of a container's directory that are written and read whole. A reader sees the old
 * content or the new, never half of one; a file that is not what we would have written cannot block
 * or exhaust the reader.
 */
#pragma once

#include "spec/arena.h"
#include "state/store.h"

#define DOCUMENT_MAX ((size_t)16 << 20) /* what a bundle's configuration may be */

/* Replaces the file: temporary file beside it, then rename. Returns 0 or -errno with err filled. */
int document_write(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err);

/* The same, a call shorter where there is no such file yet. */
int document_begin(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err);

/* The same in two steps, for who has something to wait for in between: nobody reads what was
 * drafted until it is published. For who holds the container's lock. */
int document_draft(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err);
int document_publish(const struct container *container, const char *name, struct error *err);

/* Writes a file that is not there yet and that nobody looks for before the record tells of an init.
 * 0 or -errno with err. */
int document_make(const struct container *container, const char *name, const char *bytes,
	size_t length, struct error *err);

/*
 * Reads the file (O_NONBLOCK|O_NOFOLLOW; regular; at most limit bytes) into arena, NUL-terminated.
 * -ENOENT when there is none, without err; -EBADMSG, ERROR_STATE, for anything that is not such a
 * file; -errno.
 */
int document_read(const struct container *container, const char *name, size_t limit,
	struct arena *arena, const char **bytes, size_t *length, struct error *err);

/*
 * The same for who visits a thousand containers, in one step below the state root and into a buffer
 * of the caller's. False whenever there is anything to say about it: document_read knows what.
 */
bool document_glance(
	int root_fd, const char *id, const char *name, char *bytes, size_t size, size_t *length);

/*
 * The log of a detached container. container.log holds the plain bytes in the order in which they
 * came, so that cat and tail work. container.log.idx stands beside it: one entry of fixed size for
 * each piece, in the byte order of the host. Bytes are written before their entry: an entry never
 * points at nothing, and bytes without an entry are what was being written when the writer was
 * killed. An incomplete entry at the end of the file does not count.
 */
#pragma once

#include <stdint.h>

#include "state/store.h"

#define LOG_FILE "container.log"
#define LOG_INDEX_FILE "container.log.idx"

enum log_stream { LOG_STDOUT = 1, LOG_STDERR = 2 };

struct log_entry {
	uint64_t offset; /* of the piece in container.log */
	uint64_t time;   /* ns since 1970 */
	uint32_t length;
	uint32_t stream; /* enum log_stream */
};

struct log_writer {
	int log, index;  /* -1 when the file could not be made */
	uint64_t offset; /* where the next piece goes */
	uint64_t entries;
	uint64_t lost; /* bytes that the disk did not take */
};

/* Opens both files, made when missing (0600). What cannot be opened is -1: writing then counts as
 * lost. */
void log_open(const struct container *container, struct log_writer *writer);

/* Adds one piece. What the disk does not take is dropped and counted: a container never waits for
 * its log. */
void log_append(
	struct log_writer *writer, enum log_stream stream, const char *bytes, size_t length);

/*
 * Copies container.log to out. With follow it goes on as the file grows, until the process behind
 * writer (a pidfd; -1: nobody writes any more) has ended and everything is copied, or nobody reads
 * out any more. A log that was truncated is read from its new beginning; one that does not exist is
 * empty. Returns 0 or -errno with err filled.
 */
int log_copy(
	const struct container *container, int out, bool follow, int writer, struct error *err);

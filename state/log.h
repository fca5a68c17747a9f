/*
 * The log of a detached container: container.log holds the plain bytes, container.log.idx says of
 * each piece when it came and through which stream. Bytes are written before their entry: an entry
 * never points at nothing, and bytes without an entry are what was being written when the writer
 * was killed, or what a full disk left no room for. An incomplete entry at the end of the file does
 * not count. With a limit, full logs are renamed to container.log.1, .2 and so on, the newest
 * having the lowest number, each with its index; nothing is ever truncated.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "state/store.h"

#define LOG_FILE "container.log"
#define LOG_INDEX_SUFFIX ".idx"
#define LOG_INDEX_FILE LOG_FILE LOG_INDEX_SUFFIX
#define LOG_FILES_MAX 100

enum log_stream { LOG_STDOUT = 1, LOG_STDERR = 2 };

struct log_entry {
	uint64_t offset; /* of the piece in container.log */
	uint64_t time;   /* ns since 1970 */
	uint32_t length;
	uint32_t stream; /* enum log_stream */
};

struct log_writer {
	int dir;         /* the container's; not owned */
	int log, index;  /* -1 when the file could not be made */
	uint64_t offset; /* where the next piece goes */
	uint64_t entries;
	uint64_t lost;  /* bytes that the disk did not take */
	uint64_t size;  /* limit of one log, 0: none */
	uint32_t files; /* how many logs are kept, at least one */
};

/* Opens both files, made when missing (0600), without a limit. What cannot be opened is -1, and
 * tried again later. */
void log_open(const struct container *container, struct log_writer *writer);

/* Adds one piece. Returns what the disk took of it; the rest is the caller's to try again or to add
 * to writer->lost. */
size_t log_append(
	struct log_writer *writer, enum log_stream stream, const char *bytes, size_t length);

/* ---- reading ---- */

/* One log and its index (-1: none), open. */
struct log_segment {
	int log, index;
	ino_t inode;
};

/* All that there are at one moment, the newest, container.log, first. */
struct log_segments {
	uint32_t count;
	struct log_segment items[LOG_FILES_MAX];
};

/*
 * Opens the segments as they are between two rotations. A log that does not exist is no segment.
 * Returns 0, or -EBADMSG when container.log is no regular file. log_segments_close in any case.
 */
int log_segments_open(const struct container *container, struct log_segments *segments);

void log_segments_close(struct log_segments *segments);

/* What is to be shown of a log, and where. */
struct log_view {
	FILE *out, *err;       /* for what came through the container's stdout and stderr */
	uint32_t streams;      /* (1 << LOG_STDOUT) and so on; 0: both */
	uint64_t since, until; /* ns since 1970; 0: no limit */
	int64_t tail;          /* only so many lines from the end; -1: all */
	bool times;            /* a time before each line */
	bool follow;           /* go on until the writer has ended, or until is over */
};

/*
 * Prints the log. With follow it goes on as the log grows and rotates, until the process behind
 * writer (a pidfd; -1: nobody writes any more) has ended and everything is printed, view->until is
 * over, or nobody reads view->out any more. A log that was truncated is read from its new
 * beginning; one that does not exist is empty. Bytes that the index does not tell count as
 * stdout's. *missed tells whether rotation has removed logs that had not been read. Returns 0 or
 * -errno with err filled.
 */
int log_copy(const struct container *container, const struct log_view *view, int writer,
	bool *missed, struct error *err);

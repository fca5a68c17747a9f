/* Pieces of output become lines on our own streams. */
#pragma once

#include "state/log.h"

struct log_lines {
	const struct log_view *view;
	bool counting;    /* nothing is printed yet */
	uint64_t ended;   /* lines that have ended, while counting */
	uint64_t skipped; /* lines that are still to be left out */
	bool open[2];     /* stdout, stderr: the last line has not ended */
	FILE *last;       /* which of our streams was written to last; NULL: none yet */
};

/* Begins to print, after counting: only the view's last lines. */
void log_lines_begin(struct log_lines *lines);

/* Adds bytes that came through a stream at a time (ns since 1970; 0: not known). */
void log_lines_add(struct log_lines *lines, enum log_stream stream, uint64_t time,
	const char *bytes, size_t length);

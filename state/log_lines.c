/*
 * Where no line has to be found, bytes pass as they are. A line counts, and has the time, of the
 * stream that it came through: two programs that write at once do not end each other's lines.
 */
#include "state/log_lines.h"

#include <string.h>

#include "state/timestamp.h"

static void lines_count(struct log_lines *lines, bool *open, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	for (const char *at = bytes; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		lines->ended++;
	*open = length > 0 ? end[-1] != '\n' : *open;
}

void log_lines_begin(struct log_lines *lines)
{
	uint64_t all = lines->ended + lines->open[0] + lines->open[1];
	int64_t tail = lines->view->tail;

	lines->counting = false;
	lines->skipped = tail >= 0 && all > (uint64_t)tail ? all - (uint64_t)tail : 0;
	lines->open[0] = lines->open[1] = false;
}

/* Leaves lines out; returns how many bytes that were. */
static size_t lines_skip(struct log_lines *lines, const char *bytes, size_t length)
{
	const char *at = bytes, *end = bytes + length;

	while (lines->skipped > 0 && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL)
			return length;
		at = newline + 1;
		lines->skipped--;
	}
	return (size_t)(at - bytes);
}

static void time_print(FILE *out, uint64_t time)
{
	struct timespec moment = {(time_t)(time / 1000000000), (long)(time % 1000000000)};
	char text[TIMESTAMP_SIZE];

	timestamp_rfc3339(&moment, text);
	fprintf(out, "%s ", time > 0 ? text : "-");
}

static void lines_print(FILE *out, bool *open, uint64_t time, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *next = newline != NULL ? newline + 1 : end;

		if (!*open)
			time_print(out, time);
		fwrite(bytes, 1, (size_t)(next - bytes), out);
		*open = newline == NULL;
		bytes = next;
	}
}

void log_lines_add(struct log_lines *lines, enum log_stream stream, uint64_t time,
	const char *bytes, size_t length)
{
	FILE *out = stream == LOG_STDERR ? lines->view->err : lines->view->out;
	bool *open = &lines->open[stream == LOG_STDERR];
	size_t skipped;

	if (lines->counting) {
		lines_count(lines, open, bytes, length);
		return;
	}
	skipped = lines_skip(lines, bytes, length);
	bytes += skipped;
	length -= skipped;
	if (lines->last != NULL && lines->last != out)
		fflush(lines->last); /* both may lead to the same place, where order counts */
	lines->last = out;
	if (lines->view->times)
		lines_print(out, open, time, bytes, length);
	else
		fwrite(bytes, 1, length, out);
}

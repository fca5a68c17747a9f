/*
 * A trace drawn for a terminal: a line for each lap and step, in the order of their beginnings,
 * with a bar where it lies in the whole. What belongs to the container stands below the host's line
 * that waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/terminal.h"
#include "runtime/verb/verbs.h"
#include "spec/arena.h"
#include "state/record.h"

#define TRACE_MAX ((off_t)16 << 20)
#define LABEL 44 /* cells of a name and its pointer */
#define BAR_MIN 20

static int trace_read(
	const char *path, struct arena *arena, struct spec_trace *trace, struct error *err)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat file;
	size_t length = 0;
	ssize_t got = 1;
	char *text;

	if (fd < 0 || fstat(fd, &file) < 0)
		return error_set(err, ERROR_USAGE, errno, "cannot open the trace %s: %m", path);
	if (!S_ISREG(file.st_mode) || file.st_size > TRACE_MAX)
		return error_set(err, ERROR_USAGE, EINVAL,
			"%s is no trace: no regular file of at most 16 MiB", path);
	text = arena_alloc(arena, (size_t)file.st_size + 1);
	if (!text)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	while (got > 0 && length < (size_t)file.st_size) {
		got = read(fd, text + length, (size_t)file.st_size - length);
		length += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		return error_set(err, ERROR_USAGE, errno, "cannot read the trace %s: %m", path);
	return table_decode(&spec_trace_table, trace, text, length, arena, NULL, err);
}

static int event_compare(const void *a, const void *b)
{
	const struct spec_trace_event *one = a, *other = b;

	if (one->start.value != other->start.value)
		return one->start.value < other->start.value ? -1 : 1;
	return strcmp(other->side ? other->side : "", one->side ? one->side : "");
}

/* The scale: microseconds from begin, over so many cells. */
struct scale {
	uint64_t begin, length;
	int cells;
};

static void event_print(const struct spec_trace_event *event, const struct scale *scale)
{
	const struct spec_trace_details *details = event->details;
	uint64_t at = event->start.value - scale->begin;
	uint64_t end = at + event->duration.value;
	int first = (int)(at * (uint64_t)scale->cells / scale->length);
	int last = (int)(end * (uint64_t)scale->cells / scale->length);
	uint64_t length = details && details->duration.given ? details->duration.value / 1000
							     : event->duration.value;
	char label[LABEL + 1];

	snprintf(label, sizeof(label), "%s%s%s%s",
		event->side && strcmp(event->side, "host") != 0 ? "  " : "", event->name,
		details && details->pointer ? " " : "",
		details && details->pointer ? details->pointer : "");
	printf("%8.3f %8.3f  %-*s |%*s", (double)at / 1e3, (double)length / 1e3, LABEL, label,
		first, "");
	for (int i = first; i < last || i == first; i++)
		putchar(event->side && strcmp(event->side, "host") == 0 ? '#' : '=');
	putchar('\n');
}

/* Nothing that a terminal would obey. */
static void text_tame(const char *text)
{
	for (char *at = (char *)text; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static void trace_draw(struct spec_trace *trace)
{
	struct scale scale = {.begin = UINT64_MAX, .cells = terminal_width() - LABEL - 22};
	struct spec_trace_event *events = trace->events.items;
	uint32_t count = 0;

	for (uint32_t i = 0; i < trace->events.count; i++) {
		if (strcmp(events[i].phase, "X") != 0 || !events[i].start.given)
			continue;
		events[count++] = events[i];
	}
	qsort(events, count, sizeof(*events), event_compare);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t end = events[i].start.value - events[0].start.value;

		scale.begin = events[0].start.value;
		if (__builtin_add_overflow(end, events[i].duration.value, &end))
			continue;
		scale.length = end > scale.length ? end : scale.length;
	}
	scale.cells = scale.cells < BAR_MIN ? BAR_MIN : scale.cells;
	scale.length = scale.length ? scale.length : 1;
	if (trace->about && trace->about->command) {
		text_tame(trace->about->command);
		printf("%s: %.3f ms\n", trace->about->command, (double)scale.length / 1e3);
	}
	printf("%8s %8s  %-*s\n", "AT", "MS", LABEL, "WHAT (# host, = container)");
	for (uint32_t i = 0; i < count; i++) {
		text_tame(events[i].name);
		text_tame(events[i].details ? events[i].details->pointer : NULL);
		event_print(&events[i], &scale);
	}
}

int verb_trace(const struct command *command, struct error *err)
{
	struct spec_trace trace;
	struct arena arena = {0};
	int result = trace_read(command->argv[0], &arena, &trace, err);

	if (result == 0)
		trace_draw(&trace);
	arena_free(&arena);
	return result;
}

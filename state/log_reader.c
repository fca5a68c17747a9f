/*
 * The reader walks the index, which tells stream and time of each piece, and asks the kernel to be
 * woken (inotify); from the writer's pidfd it knows when nothing more can come: no polling, no
 * waiting for ever. It keeps the log that it is in open, so that a rotation takes nothing from it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "state/log_lines.h"
#include "state/watch.h"

#define WAIT_WITHOUT_INOTIFY 250 /* ms, when the user has no inotify instance left */
#define SETTLE_LOOKS 20          /* a millisecond apart; an entry follows in microseconds */
#define WAIT_UNTIL 1000          /* ms between looks at the clock, which may be set */

struct log_reader {
	const struct container *container;
	const struct log_view *view;
	struct log_lines lines;
	struct log_segment current;
	uint64_t position, entry; /* next byte and next entry of the current segment */
	bool begun, missed;
};
#define SEGMENT_NONE ((struct log_segment){.log = -1, .index = -1})

static bool piece_is_shown(const struct log_view *view, const struct log_entry *piece)
{
	if (view->streams != 0 && !(view->streams & (1u << piece->stream)))
		return false;
	if (piece->time == 0)
		return true;
	return piece->time >= view->since && (view->until == 0 || piece->time < view->until);
}

static int piece_print(struct log_reader *reader, const struct log_entry *piece)
{
	static char buffer[65536];
	uint64_t end = piece->offset + piece->length;

	reader->position = end;
	if (!piece_is_shown(reader->view, piece))
		return 0;
	for (uint64_t at = piece->offset; at < end;) {
		size_t size = end - at < sizeof(buffer) ? (size_t)(end - at) : sizeof(buffer);
		ssize_t got = pread(reader->current.log, buffer, size, (off_t)at);

		if (got <= 0)
			return got < 0 ? -errno : 0;
		log_lines_add(&reader->lines, piece->stream, piece->time, buffer, (size_t)got);
		at += (uint64_t)got;
	}
	return 0;
}

/* Bytes that no entry tells of, up to an offset. */
static int gap_print(struct log_reader *reader, uint64_t end)
{
	int result = 0;

	while (result == 0 && reader->position < end) {
		uint64_t left = end - reader->position;
		struct log_entry piece = {.offset = reader->position,
			.length = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX,
			.stream = LOG_STDOUT};

		result = piece_print(reader, &piece);
	}
	return result;
}

/*
 * An index of any bytes must not lead astray: an entry that points back, behind the end, or to no
 * stream tells nothing. (Bytes are written before their entry, so size is looked at after it.)
 */
static bool entry_is_sound(
	const struct log_reader *reader, const struct log_entry *entry, const struct stat *log)
{
	uint64_t size = (uint64_t)log->st_size;

	return entry->offset >= reader->position && entry->offset <= size &&
		entry->length <= size - entry->offset &&
		(entry->stream == LOG_STDOUT || entry->stream == LOG_STDERR);
}

/* Prints what a row of entries tells of. */
static int entries_print(struct log_reader *reader, const struct log_entry *entries, size_t count)
{
	struct stat log;
	int result = 0;

	if (fstat(reader->current.log, &log) < 0)
		return -errno;
	for (size_t i = 0; result == 0 && i < count; i++, reader->entry++) {
		if (!entry_is_sound(reader, &entries[i], &log))
			continue;
		result = gap_print(reader, entries[i].offset);
		if (result == 0)
			result = piece_print(reader, &entries[i]);
	}
	return result;
}

/* Somebody has emptied the log: both files begin anew. */
static void truncation_see(struct log_reader *reader, const struct stat *log)
{
	struct stat index = {0};

	if ((uint64_t)log->st_size < reader->position)
		reader->position = 0;
	if (reader->current.index >= 0 && fstat(reader->current.index, &index) == 0 &&
		(uint64_t)index.st_size < reader->entry * sizeof(struct log_entry))
		reader->position = reader->entry = 0;
}

/* How many entries there are at this moment: who writes without end must not be run after. */
static uint64_t entries_count(const struct log_reader *reader)
{
	struct stat index;

	return reader->current.index >= 0 && fstat(reader->current.index, &index) == 0
		? (uint64_t)index.st_size / sizeof(struct log_entry)
		: 0;
}

/* Prints what the current segment has now; with complete also what the index does not tell. */
static int segment_print(struct log_reader *reader, bool complete)
{
	struct log_entry entries[128];
	struct stat log;
	uint64_t end;
	ssize_t got;
	int result = 0;

	if (fstat(reader->current.log, &log) < 0)
		return -errno;
	truncation_see(reader, &log);
	end = entries_count(reader);
	while (result == 0 && reader->entry < end &&
		(got = pread(reader->current.index, entries, sizeof(entries),
			 (off_t)(reader->entry * sizeof(*entries)))) >= (ssize_t)sizeof(*entries))
		result = entries_print(reader, entries, (size_t)got / sizeof(*entries));
	if (result == 0 && (complete || reader->current.index < 0) &&
		fstat(reader->current.log, &log) == 0)
		result = gap_print(reader, (uint64_t)log.st_size);
	return result;
}

static void reader_enter(struct log_reader *reader, struct log_segment *segment)
{
	fd_cleanup(&reader->current.log);
	fd_cleanup(&reader->current.index);
	reader->current = *segment;
	reader->position = reader->entry = 0;
	reader->begun = true;
	*segment = SEGMENT_NONE;
}

/* Prints everything that is there now. */
static int reader_print(struct log_reader *reader, bool complete)
{
	struct log_segments segments;
	int result = log_segments_open(reader->container, &segments);
	uint32_t at = 0;

	while (at < segments.count &&
		(!reader->begun || segments.items[at].inode != reader->current.inode))
		at++;
	if (result == 0 && reader->begun) {
		reader->missed = reader->missed ||
			(segments.count > 0 && at == segments.count); /* 0: removed */
		result = segment_print(reader, at > 0 || complete);
	}
	while (result == 0 && at-- > 0) {
		reader_enter(reader, &segments.items[at]);
		result = segment_print(reader, at > 0 || complete);
	}
	log_segments_close(&segments);
	return result;
}

/*
 * All that is there now. While somebody writes, bytes are without their entry for a moment: it is
 * waited for, so that nobody has to guess their stream. What stays without one, on a full disk, is
 * printed as it is.
 */
static int reader_print_settled(struct log_reader *reader, bool ended)
{
	int result = reader_print(reader, ended);
	struct stat log;

	if (result < 0 || ended || !reader->begun)
		return result;
	if (fstat(reader->current.log, &log) < 0)
		return -errno;
	for (int look = 0;
		result == 0 && reader->position < (uint64_t)log.st_size && look < SETTLE_LOOKS;
		look++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		result = segment_print(reader, false);
	}
	return result == 0 ? gap_print(reader, (uint64_t)log.st_size) : result;
}

/* Where the view shows only the last lines, all are counted first. */
static int reader_begin(struct log_reader *reader, bool ended)
{
	int result = 0;

	if (reader->view->tail >= 0) {
		reader->lines.counting = true;
		result = reader_print_settled(reader, ended);
		reader_enter(reader, &(struct log_segment){.log = -1, .index = -1});
		reader->begun = false;
	}
	log_lines_begin(&reader->lines);
	return result;
}

/* Whether all that comes from now on is too late to be shown. */
static bool view_is_over(const struct log_view *view)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return view->until != 0 &&
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec >= view->until;
}

/* Waits for a change, the writer's end or the reader's end; false when the latter has come. */
static bool change_wait(int watch, int writer, const struct log_view *view, bool *ended)
{
	struct pollfd polled[] = {{.fd = watch, .events = POLLIN}, {.fd = writer, .events = POLLIN},
		{.fd = fileno(view->out)}};
	int patience = watch < 0 ? WAIT_WITHOUT_INOTIFY : view->until != 0 ? WAIT_UNTIL : -1;

	if (poll(polled, array_size(polled), patience) < 0)
		return errno == EINTR;
	if (polled[0].revents != 0)
		directory_watch_drain(watch);
	*ended = polled[1].revents != 0;
	return (polled[2].revents & (POLLERR | POLLHUP)) == 0;
}

/* False when nobody takes what we print. */
static bool view_flush(const struct log_view *view)
{
	fflush(view->err);
	return fflush(view->out) == 0;
}

int log_copy(const struct container *container, const struct log_view *view, int writer,
	bool *missed, struct error *err)
{
	struct log_reader reader = {.container = container,
		.view = view,
		.lines = {.view = view},
		.current = SEGMENT_NONE};
	auto_fd int watch = view->follow && writer >= 0 ? directory_watch(container->dir) : -1;
	bool ended = writer < 0;
	int result = reader_begin(&reader, ended);

	if (result == 0)
		result = view->follow ? reader_print(&reader, ended)
				      : reader_print_settled(&reader, ended);
	/* What was written before the end was seen is there when it is looked for after that. */
	while (result == 0 && view_flush(view) && view->follow && !ended && !view_is_over(view)) {
		if (!change_wait(watch, writer, view, &ended))
			break;
		result = reader_print(&reader, ended);
	}
	view_flush(view);
	fd_cleanup(&reader.current.log);
	fd_cleanup(&reader.current.index);
	*missed = reader.missed;
	if (result < 0)
		error_set(err, ERROR_STATE, -result, "cannot print the log of container %s: %s",
			container->id, strerror(-result));
	return result;
}

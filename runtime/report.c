/*
 * Two readers with different habits: a person or an engine takes the bare line from stderr, another
 * engine takes the log, and of those some decode every line and some the whole file as one object.
 * So every record is one line written by one call, and in JSON a failing command leaves exactly
 * one.
 */
#include "runtime/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "runtime/log_sink.h"
#include "spec/json.h"
#include "spec/names.h"
#include "state/timestamp.h"

static struct {
	const char *program;
	int person;          /* stderr; -1: nobody */
	struct log_sink log; /* none: there is but stderr */
	bool json;
	bool quiet; /* no warnings */
	bool debug;
	struct arena arena;     /* of the next two */
	struct warnings held;   /* for the end of the process */
	struct warnings doings; /* debug records for it; the pointer of each is its time */
} report = {.program = "mydocker", .person = STDERR_FILENO, .log = LOG_SINK_NONE};

void report_to(int fd)
{
	report.person = fd;
}

const char *report_program(void)
{
	return report.program;
}

static const struct level {
	const char *name;
	int priority; /* as the logging services have it */
} level_error = {"error", LOG_ERR}, level_warning = {"warning", LOG_WARNING},
  level_debug = {"debug", LOG_DEBUG};

/* One line for who started us: nobody can be told when it cannot be written. */
static void stderr_write(const char *line)
{
	ssize_t ignored = line != NULL ? write(report.person, line, strlen(line)) : 0;

	(void)ignored;
}

static bool log_is_open(void)
{
	return report.log.kind != SINK_NONE;
}

/* Whether the log's records are bare sentences: a service knows their time and level itself. */
static bool log_is_bare(void)
{
	return log_is_open() && !report.json && report.log.kind != SINK_FILE;
}

/* Text in double quotes, in which nothing but printable characters stands as it is. */
static const char *text_quote(struct arena *arena, const char *text)
{
	char *quoted = arena_alloc(arena, strlen(text) * 4 + 3);
	char *at = quoted;

	if (quoted == NULL)
		return "\"\"";
	*at++ = '"';
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			at += sprintf(at, "\\%c", byte);
		else if (byte == '\n')
			at += sprintf(at, "\\n");
		else if (byte < ' ' || byte == 0x7f)
			at += sprintf(at, "\\x%02x", byte);
		else
			*at++ = (char)byte;
	}
	*at = '"';
	return quoted;
}

/* The same text for a person's terminal: control characters shown, no quotes. */
static const char *text_plain(struct arena *arena, const char *text)
{
	char *plain = arena_copy(arena, text, strlen(text));

	for (char *at = plain; at != NULL && *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return plain != NULL ? plain : "";
}

/* Pointer, message and hint as one sentence: what engines show to their users. */
static const char *error_sentence(struct arena *arena, const struct error *err)
{
	const char *sentence =
		arena_format(arena, "%s%s%s%s%s", err->pointer, err->pointer[0] != '\0' ? ": " : "",
			err->message, err->hint[0] != '\0' ? "; " : "", err->hint);

	return sentence != NULL ? sentence : err->message;
}

static const char *warning_sentence(struct arena *arena, const char *pointer, const char *text)
{
	const char *sentence = pointer == NULL || pointer[0] == '\0'
		? text
		: arena_format(arena, "%s: %s", pointer, text);

	return sentence != NULL ? sentence : text;
}

static void member_unless_empty(struct json_writer *writer, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_member_string(writer, key, text);
}

static void error_members(struct json_writer *writer, const struct error *err)
{
	member_unless_empty(writer, "code", error_code_name(err->code));
	member_unless_empty(writer, "step", err->step);
	member_unless_empty(writer, "pointer", err->pointer);
	member_unless_empty(writer, "value", err->value);
	if (err->number != 0)
		member_unless_empty(writer, "errno", names_word(&names_error_number, err->number));
	member_unless_empty(writer, "hint", err->hint);
	if (report.held.count == 0)
		return;
	json_key(writer, "warnings");
	json_array(writer);
	for (uint32_t i = 0; i < report.held.count; i++)
		json_string(writer,
			warning_sentence(writer->arena, report.held.items[i].pointer,
				report.held.items[i].text));
	json_array_end(writer);
}

static void doings_member(struct json_writer *writer)
{
	if (report.doings.count == 0)
		return;
	json_key(writer, "debug");
	json_array(writer);
	for (uint32_t i = 0; i < report.doings.count; i++)
		json_string(writer, report.doings.items[i].text);
	json_array_end(writer);
}

static const char *time_now(char time[TIMESTAMP_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	timestamp_rfc3339(&now, time);
	return time;
}

/* A record in the log's format. time: NULL for now. err: NULL for what is no error. */
static const char *log_record(struct arena *arena, const char *time, const struct level *level,
	const char *message, const struct error *err)
{
	char now[TIMESTAMP_SIZE];
	struct json_writer writer;
	struct error unheeded = {0};

	if (log_is_bare())
		return text_plain(arena, message);
	if (time == NULL)
		time = time_now(now);
	if (!report.json)
		return arena_format(arena, "time=\"%s\" level=%s msg=%s", time, level->name,
			text_quote(arena, message));
	json_begin(&writer, arena, 0);
	json_object(&writer);
	json_member_string(&writer, "level", level->name);
	json_member_string(&writer, "msg", message);
	json_member_string(&writer, "time", time);
	if (err != NULL) {
		error_members(&writer, err);
		doings_member(&writer);
	}
	json_object_end(&writer);
	return json_finish(&writer, NULL, &unheeded);
}

/* Puts a record into the log, or on stderr when that is the log. */
static void log_write(struct arena *arena, const char *time, const struct level *level,
	const char *message, const struct error *err)
{
	const char *record = log_record(arena, time, level, message, err);

	if (record != NULL && log_is_open())
		log_sink_write(&report.log, level->priority, record);
	else if (record != NULL)
		stderr_write(arena_format(arena, "%s\n", record));
}

/* Says something that is no error: to the log, or else to a person. */
static void message_write(const struct level *level, const char *message)
{
	struct arena arena = {0};

	if (log_is_open() || report.json || level == &level_debug)
		log_write(&arena, NULL, level, message, NULL);
	else
		stderr_write(arena_format(&arena, "%s: %s: %s\n", report.program, level->name,
			text_plain(&arena, message)));
	arena_free(&arena);
}

int report_open(
	const char *program, const char *path, const char *format, bool debug, struct error *err)
{
	report.program = program;
	report.debug = debug;
	if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown log format \"%s\": it is text or json", format);
	report.json = format != NULL && strcmp(format, "json") == 0;
	if (path == NULL)
		return 0;
	if (log_sink_open(path, &report.log, err) < 0) {
		report.log = (struct log_sink)LOG_SINK_NONE;
		return -err->number;
	}
	return 0;
}

int report_set_level(const char *level, struct error *err)
{
	report.quiet = strcmp(level, "error") == 0;
	report.debug = strcmp(level, "debug") == 0;
	if (report.quiet || report.debug || strcmp(level, "warning") == 0)
		return 0;
	return error_set(err, ERROR_USAGE, EINVAL,
		"unknown log level \"%s\": it is error, warning or debug", level);
}

void report_error(const char *verb, const struct error *err)
{
	struct arena arena = {0};
	const char *sentence = error_sentence(&arena, err);

	if (log_is_open() || !report.json)
		stderr_write(arena_format(&arena, "%s: %s%s%s\n", report.program,
			verb != NULL ? verb : "", verb != NULL ? ": " : "",
			text_plain(&arena, sentence)));
	if (log_is_open() || report.json)
		log_write(&arena, NULL, &level_error, sentence, err);
	report.held.count = report.doings.count = 0;
	arena_free(&arena);
}

void report_warning(const char *pointer, const char *text)
{
	struct arena arena = {0};

	if (report.quiet)
		return;
	if (report.json && log_is_open())
		warning_add(
			&report.held, &report.arena, pointer != NULL ? pointer : "", "%s", text);
	else
		message_write(&level_warning, warning_sentence(&arena, pointer, text));
	arena_free(&arena);
}

void report_warnings(const struct warnings *warnings)
{
	for (uint32_t i = 0; i < warnings->count; i++)
		report_warning(warnings->items[i].pointer, warnings->items[i].text);
}

bool report_is_debug(void)
{
	return report.debug;
}

void report_debug(const char *format, ...)
{
	char text[1024], time[TIMESTAMP_SIZE];
	va_list arguments;

	if (!report.debug)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (report.json && log_is_open())
		warning_add(&report.doings, &report.arena, time_now(time), "%s", text);
	else
		message_write(&level_debug, text);
}

/* No error has taken the held warnings along. */
void report_close(void)
{
	for (uint32_t i = 0; i < report.doings.count; i++) {
		struct arena arena = {0};
		const struct warning *doing = &report.doings.items[i];

		log_write(&arena, doing->pointer, &level_debug, doing->text, NULL);
		arena_free(&arena);
	}
	for (uint32_t i = 0; i < report.held.count; i++) {
		struct arena arena = {0};
		const struct warning *warning = &report.held.items[i];

		message_write(
			&level_warning, warning_sentence(&arena, warning->pointer, warning->text));
		arena_free(&arena);
	}
	report.held.count = report.doings.count = 0;
	arena_free(&report.arena);
}

/*
 * JSON in and out: the only door to yajl. What comes in is a stream of values, checked here once
 * for everything that JSON leaves open (sizes, depth, names given twice, NUL, UTF-8); what goes out
 * is text in an arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/arena.h"
#include "spec/error.h"
#include "spec/json_text.h"

#define JSON_DEPTH_MAX 128

enum json_type {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_OBJECT,
	JSON_ARRAY,
};

/* A value, or the beginning of an object or array. */
struct json_value {
	enum json_type type;
	bool boolean;
	const char *text; /* a number as written, a string without escapes; not terminated */
	size_t length;
};

struct json_reader;

/*
 * What is called for each event; text is valid during the call only. A handler returns 0, or a
 * negative errno with reader->err filled, which ends the reading; the pointer is added where it
 * leaves it empty.
 */
struct json_handler {
	int (*value)(struct json_reader *reader, const struct json_value *value);
	int (*key)(struct json_reader *reader, const char *text, size_t length);
	int (*end)(struct json_reader *reader); /* of the innermost object or array */
};

/* Where the reading is. */
struct json_level {
	bool array;
	bool entered;      /* a key or an element has been met: the next three are of the newest */
	uint32_t index;    /* array: number of the element */
	const char *key;   /* object: name of the member, not terminated */
	uint32_t length;   /* of the name */
	uint32_t names_at; /* object: its first name in names */
};

struct json_name {
	const char *text;
	uint32_t length;
};

struct json_reader {
	const struct json_handler *handler;
	void *context; /* of the handler */
	struct error *err;
	/* the reader's own */
	const char *bytes;
	size_t length;
	void *parser;
	int status;
	bool ended;
	size_t at; /* where the newest token ends */
	enum json_place { JSON_OPENED, JSON_NAMED, JSON_DONE } place; /* what it was */
	uint32_t depth;
	struct json_level levels[JSON_DEPTH_MAX];
	struct json_name *names; /* of all members of the open objects */
	uint32_t name_count, name_room;
	struct arena memory; /* of the parser, for the names */
};

/*
 * Reads one document. Returns 0 or a negative errno with err filled: ERROR_CONFIG_SYNTAX with line,
 * column and what was expected there for everything that is not JSON within our limits, or what the
 * handler returned.
 */
int json_read(const char *bytes, size_t length, const struct json_handler *handler, void *context,
	struct error *err);

/* ---- where the reading is (json_path.c) ---- */

/* The JSON pointer (RFC 6901) of the value at hand: inside `key` and `value` the new one, inside
 * `end` the one that ended. Returns its length as json_path_add counts it. */
size_t json_path(const struct json_reader *reader, char *buffer, size_t size);

/*
 * Appends "/name", escaped, to a pointer of *used bytes. A name that does not fit is left out with
 * all that follow it (*used is size then): no pointer is cut, it is that of something around.
 */
void json_path_add(char *buffer, size_t size, size_t *used, const char *name, size_t length);

/* Takes a pointer back to what it was when *used was before. */
void json_path_back(char *buffer, size_t size, size_t *used, size_t before);

/* For json.c: each follows one event, refuses what breaks a limit and returns 0 or a negative errno
 * with err filled. */
int json_path_value(struct json_reader *reader);
int json_path_enter(struct json_reader *reader, bool array);
int json_path_key(struct json_reader *reader, const char *text, size_t length);
int json_path_leave(struct json_reader *reader);

/* Where the token stands that comes next, and in words what would have been right there. */
size_t json_path_expected(const struct json_reader *reader, const char **words);

/* ---- writing ---- */

/*
 * Writes one document into an arena. Every call is a value, or the key before one; a failure is
 * kept and told by json_finish, so that nothing in between needs checking.
 */
struct json_writer {
	void *generator;
	struct arena *arena;
	int status;
};

/* indent: spaces per level (at most 8), 0 for one line. */
void json_begin(struct json_writer *writer, struct arena *arena, unsigned int indent);

void json_object(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_key(struct json_writer *writer, const char *key);
void json_string(struct json_writer *writer,
	const char *text); /* NULL is null; what is no UTF-8 becomes U+FFFD */
void json_integer(struct json_writer *writer, int64_t number);
void json_unsigned(struct json_writer *writer, uint64_t number);
void json_hundredths(struct json_writer *writer, uint64_t number); /* 1234 is 12.34 */
void json_boolean(struct json_writer *writer, bool value);

/* A member of the open object in one call; a NULL text writes nothing. */
void json_member_string(struct json_writer *writer, const char *key, const char *text);
void json_member_integer(struct json_writer *writer, const char *key, int64_t number);
void json_member_unsigned(struct json_writer *writer, const char *key, uint64_t number);
void json_member_boolean(struct json_writer *writer, const char *key, bool value);

/*
 * Ends it in any case. Returns the text (NUL-terminated, ending in a newline when indented;
 * *length, unless NULL, without the NUL), or NULL with err filled.
 */
const char *json_finish(struct json_writer *writer, size_t *length, struct error *err);

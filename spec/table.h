/*
 * Tables that describe JSON objects: the one mechanism by which bytes become structures, structures
 * become bytes, and an address inside a structure becomes a JSON pointer.
 * config.def (the bundle), state/record.def (our record) and others are such tables.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/error.h"

#undef linux /* a gnu17 predefine; here it is the name of a member */

struct arena;

/* A scalar that may be absent; absent is all zero. */
struct maybe_bool {
	bool given;
	bool value;
};
struct maybe_int {
	bool given;
	int64_t value;
};
struct maybe_uint {
	bool given;
	uint64_t value;
};

/* Lists and maps are {0, NULL} both when absent and when empty; `given` tells which. */
struct string_list {
	uint32_t count;
	bool given;
	const char **items;
};
struct uint_list {
	uint32_t count;
	bool given;
	uint64_t *items;
};
struct int_list {
	uint32_t count;
	bool given;
	int64_t *items;
};
struct string_pair {
	const char *key;
	const char *value;
};
struct string_map {
	uint32_t count;
	bool given;
	struct string_pair *items;
};

enum field_kind {
	FIELD_BOOLEAN,
	FIELD_INTEGER,
	FIELD_UNSIGNED,
	FIELD_STRING,
	FIELD_WORD,
	FIELD_CHILD,
	FIELD_STRINGS,
	FIELD_UNSIGNEDS,
	FIELD_WORDS,
	FIELD_CHILDREN,
	FIELD_STRINGMAP,
	FIELD_CHILDMAP,
};

enum field_need {
	OPTIONAL = 0,
	REQUIRED = 1 << 0,
	ABSOLUTE = 1 << 1,
	FILLED = 1 << 2,
	BLANK_IS_ABSENT = 1 << 3,
	ENTRIES = 1 << 4,
};

/* Every list and every map begins like this one, whatever its entries are. */
struct any_list {
	uint32_t count;
	bool given;
	char *items;
};

struct table;
struct name_set;

struct field {
	const char *key;
	enum field_kind kind;
	unsigned int need;
	uint32_t offset;              /* of the member in its structure */
	uint32_t length;              /* of the key */
	const struct table *child;    /* CHILD, CHILDREN, CHILDMAP */
	const struct name_set *words; /* WORD, WORDS */
	int64_t low;                  /* INTEGER */
	int64_t high;
	uint64_t ulow; /* UNSIGNED, UNSIGNEDS */
	uint64_t uhigh;
};

#define TABLE_FIELDS_MAX 64 /* members are counted in the bits of a word */

struct table {
	const char *name; /* "process": for tests and listings */
	uint32_t size;    /* of the structure */
	uint32_t count;
	const struct field *fields;
};

/* Things worth saying that do not stop anything; entries live in the arena. */
struct warning {
	const char *pointer;
	const char *text;
};
struct warnings {
	bool strangers; /* set it to be warned of members that are not known, too */
	uint32_t count;
	struct warning *items;
};

/* Adds one, unless warnings is NULL; without memory it is lost. */
__attribute__((format(printf, 4, 5))) void warning_add(struct warnings *warnings,
	struct arena *arena, const char *pointer, const char *format, ...);

/*
 * Decodes one JSON document of length bytes into the structure that table describes (zeroed by this
 * function). Limits: 16 MiB, depth 128, no member twice in an object, no NUL in a string, valid
 * UTF-8. Unknown members are ignored, with a warning if that is wanted; one that differs from a
 * known name only in letter case is taken as that one, with a warning. An explicit null is absent,
 * but no entry of a list or map. Everything decoded lives in arena. Returns 0, or a negative errno
 * with err filled (pointer included).
 */
int table_decode(const struct table *table, void *structure, const char *bytes, size_t length,
	struct arena *arena, struct warnings *warnings, struct error *err);

/*
 * The same for bytes that table_encode has written, with no indentation and perhaps a newline
 * behind: about ten times as fast. False, and the structure is worth nothing, when they are in any
 * other form, be it valid or not: table_decode knows.
 */
bool table_recall(const struct table *table, void *structure, const char *bytes, size_t length,
	struct arena *arena);

/*
 * Writes a structure as JSON, absent members left out, lists and maps that are empty too unless
 * given. indent: spaces per level, 0 for one line. Returns the text in arena (NUL-terminated,
 * *length without it), or NULL with err filled.
 */
const char *table_encode(const struct table *table, const void *structure, unsigned int indent,
	struct arena *arena, size_t *length, struct error *err);

/*
 * The JSON pointer (RFC 6901) of the member at address, searched for in the structure and
 * everything that hangs on it. `&limit->soft` gives "/process/rlimits/0/soft", a list entry's
 * address gives the entry. Writes to buffer and returns 0, or -ENOENT with buffer "" when the
 * address is not part of it. Costs a walk: for errors and listings only.
 */
int table_pointer(const struct table *table, const void *structure, const void *address,
	char *buffer, size_t size);

/* True when the member is not there: null, not given, and for lists and maps: empty too. */
bool table_absent(const struct field *field, const void *structure);

/*
 * Calls visit for the structure and every one that hangs on it, in the order of the tables, parents
 * first; stops at its first nonzero result and returns it.
 */
int table_each(const struct table *table, const void *structure,
	int (*visit)(void *context, const struct table *table, const void *structure),
	void *context);

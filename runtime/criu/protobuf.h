/*
 * Protocol buffers, as much of their encoding as CRIU's RPC takes: a message is a row of fields,
 * each with its number, and a value that is either a number or bytes; bytes may be a message again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/arena.h"

/* A message being written, in an arena. Want of memory is kept in it, so that nothing in between
 * needs checking. */
struct protobuf {
	struct arena *arena;
	unsigned char *bytes;
	size_t length, room;
	bool failed;
};

/* Each adds one field. Negative numbers are sign-extended, as protocol buffers have it. A text that
 * is NULL is left out. */
void protobuf_number(struct protobuf *message, uint32_t field, int64_t value);
void protobuf_text(struct protobuf *message, uint32_t field, const char *text);
void protobuf_message(struct protobuf *message, uint32_t field, const struct protobuf *inner);

/* A field that was read. */
struct protobuf_field {
	uint32_t number;
	uint64_t value;             /* of a number */
	const unsigned char *bytes; /* of the others, in the message; NULL for a number */
	size_t length;
};

/*
 * Reads the field at *at, and moves on. Returns 1, 0 at the end of the message, or -EBADMSG for
 * what is no message.
 */
int protobuf_next(const unsigned char **at, const unsigned char *end, struct protobuf_field *field);

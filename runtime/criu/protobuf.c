/*
 * Debian has a library for this, which works from code that a compiler generates from a schema; of
 * which CRIU's is in none of its packages. Two kinds of values and the numbers in criu.def are less
 * than that.
 */
#include "runtime/criu/protobuf.h"

#include <errno.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static void bytes_add(struct protobuf *message, const void *bytes, size_t length)
{
	size_t room = message->room ? message->room : 256;
	unsigned char *grown;

	while (room < message->length + length)
		room *= 2;
	if (room > message->room) {
		grown = arena_alloc(message->arena, room);
		if (!grown) {
			message->failed = true;
			return;
		}
		if (message->length)
			memcpy(grown, message->bytes, message->length);
		message->bytes = grown;
		message->room = room;
	}
	if (length)
		memcpy(message->bytes + message->length, bytes, length);
	message->length += length;
}

static void varint_add(struct protobuf *message, uint64_t value)
{
	unsigned char bytes[10];
	size_t length = 0;

	do {
		bytes[length] = (unsigned char)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);
		length++;
		value >>= 7;
	} while (value);
	bytes_add(message, bytes, length);
}

static void field_add(struct protobuf *message, uint32_t field, const void *bytes, size_t length)
{
	varint_add(message, (uint64_t)field << 3 | WIRE_BYTES);
	varint_add(message, length);
	bytes_add(message, bytes, length);
}

void protobuf_number(struct protobuf *message, uint32_t field, int64_t value)
{
	varint_add(message, (uint64_t)field << 3 | WIRE_VARINT);
	varint_add(message, (uint64_t)value);
}

void protobuf_text(struct protobuf *message, uint32_t field, const char *text)
{
	if (text)
		field_add(message, field, text, strlen(text));
}

void protobuf_message(struct protobuf *message, uint32_t field, const struct protobuf *inner)
{
	message->failed |= inner->failed;
	field_add(message, field, inner->bytes, inner->length);
}

static int varint_read(const unsigned char **at, const unsigned char *end, uint64_t *value)
{
	*value = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (*at == end)
			return -EBADMSG;
		*value |= (uint64_t)(**at & 0x7f) << shift;
		if (!(*(*at)++ & 0x80))
			return 0;
	}
	return -EBADMSG;
}

int protobuf_next(const unsigned char **at, const unsigned char *end, struct protobuf_field *field)
{
	uint64_t key, length;
	int result;

	*field = (struct protobuf_field){0};
	if (*at == end)
		return 0;
	result = varint_read(at, end, &key);
	if (result < 0 || key >> 3 > UINT32_MAX)
		return -EBADMSG;
	field->number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case WIRE_VARINT:
		return varint_read(at, end, &field->value) < 0 ? -EBADMSG : 1;
	case WIRE_BYTES:
		if (varint_read(at, end, &length) < 0)
			return -EBADMSG;
		break;
	case WIRE_FIXED32:
	case WIRE_FIXED64:
		length = (key & 7) == WIRE_FIXED32 ? 4 : 8;
		break;
	default:
		return -EBADMSG;
	}
	if (length > (uint64_t)(end - *at))
		return -EBADMSG;
	field->bytes = *at;
	field->length = (size_t)length;
	*at += length;
	return 1;
}

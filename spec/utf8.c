/*
 * yajl's own check looks at the leading bits only: it takes overlong forms (a NUL in two bytes, for
 * one) and surrogates. What others read from the same file must be what we read, so the text is
 * checked here, first.
 */
#include "spec/utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080ULL

size_t utf8_length(const char *bytes, size_t left)
{
	const unsigned char *b = (const unsigned char *)bytes;
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t length;

	if (left == 0)
		return 0;
	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	length = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	if (b[0] == 0xe0)
		low = 0xa0;
	else if (b[0] == 0xed)
		high = 0x9f;
	else if (b[0] == 0xf0)
		low = 0x90;
	else if (b[0] == 0xf4)
		high = 0x8f;
	if (left < length || b[1] < low || b[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t utf8_valid(const char *text, size_t length)
{
	size_t at = 0;
	uint64_t eight;

	while (at < length) {
		size_t step;

		if (length - at >= sizeof(eight)) {
			memcpy(&eight, text + at, sizeof(eight));
			if ((eight & HIGH_BITS) == 0) {
				at += sizeof(eight);
				continue;
			}
		}
		step = utf8_length(text + at, length - at);
		if (step == 0)
			break;
		at += step;
	}
	return at;
}

size_t utf8_encode(unsigned int character, char *bytes)
{
	static const unsigned int limits[] = {0x80, 0x800, 0x10000, 0x110000};
	static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
	size_t length = 0;

	if (character >= 0x110000 || (character >= 0xd800 && character < 0xe000))
		character = '?';
	while (character >= limits[length])
		length++;
	for (size_t i = length; i > 0; i--, character >>= 6)
		bytes[i] = (char)(0x80 | (character & 0x3f));
	bytes[0] = (char)(heads[length] | character);
	return length + 1;
}

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

#include <stddef.h>

/* Length (1 to 4) of the character at bytes, or 0 when none begins there or it is cut short. */
size_t utf8_length(const char *bytes, size_t left);

/* How many bytes of the text are valid UTF-8 from its beginning: length when all are. */
size_t utf8_valid(const char *text, size_t length);

/* Writes the character, 1 to 4 bytes, and returns how many; for none that UTF-8 has, "?". */
size_t utf8_encode(unsigned int character, char *bytes);

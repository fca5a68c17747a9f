/* Numbers as text, without stdio. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DIGITS_SIZE 24 /* 64 bits in octal and the NUL */

/* Writes number in base (8 or 10) and a NUL to buffer, DIGITS_SIZE bytes. Returns the length. */
static inline size_t digits_print(char *buffer, uint64_t number, unsigned int base)
{
	char reversed[DIGITS_SIZE];
	size_t length = 0;

	do {
		reversed[length++] = (char)('0' + number % base);
		number /= base;
	} while (number > 0);
	for (size_t i = 0; i < length; i++)
		buffer[i] = reversed[length - 1 - i];
	buffer[length] = '\0';
	return length;
}

/*
 * Debian builds its static libraries against glibc with _FORTIFY_SOURCE: they call checked twins of
 * a few functions, which musl does not have. Here they are, for the static link with musl, which
 * starts a quarter of a millisecond earlier; what they check stays checked.
 */
#include <features.h>

#ifndef __GLIBC__

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...);
int __snprintf_chk(char *to, size_t length, int flag, size_t room, const char *format, ...);

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
	if (length > room)
		abort();
	return memcpy(to, from, length);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfprintf(file, format, arguments);
	va_end(arguments);
	return length;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(to, room, format, arguments);
	va_end(arguments);
	if (length >= 0 && (size_t)length >= room)
		abort();
	return length;
}

int __snprintf_chk(char *to, size_t length, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int written;

	if (length > room)
		abort();
	va_start(arguments, format);
	written = vsnprintf(to, length, format, arguments);
	va_end(arguments);
	return written;
}

#endif

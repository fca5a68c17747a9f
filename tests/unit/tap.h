/*
 * Tests that speak TAP. A test program is a main that calls plan (or not), checks things, and ends
 *with `return tap_end();`:
 *
 *	plan(2);
 *	ok(length > 3, "the length of %s", name);
 *	is_string(word, "mount", "the first word");
 *	return tap_end();
 *
 * Every line is flushed at once, so that a test may fork.
 */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	unsigned int planned, run, failed;
} tap;

/* How many checks there will be; without it tap_end tells how many there were. */
__attribute__((unused)) static void plan(unsigned int count)
{
	tap.planned = count;
	printf("1..%u\n", count);
	fflush(stdout);
}

__attribute__((format(printf, 4, 0))) static bool tap_line(
	bool good, const char *file, int line, const char *format, va_list arguments)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, arguments);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\n' || *c == '#')
			*c = ' ';
	tap.run++;
	tap.failed += !good;
	printf("%s %u - %s\n", good ? "ok" : "not ok", tap.run, text);
	if (!good)
		printf("# at %s:%d\n", file, line);
	fflush(stdout);
	return good;
}

__attribute__((unused, format(printf, 4, 5))) static bool tap_ok(
	bool good, const char *file, int line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tap_line(good, file, line, format, arguments);
	va_end(arguments);
	return good;
}

__attribute__((unused, format(printf, 5, 6))) static bool tap_string(
	const char *got, const char *want, const char *file, int line, const char *format, ...)
{
	bool good = got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;
	va_list arguments;

	va_start(arguments, format);
	tap_line(good, file, line, format, arguments);
	va_end(arguments);
	if (!good)
		printf("#  got: %s\n# want: %s\n", got ? got : "(null)", want ? want : "(null)");
	fflush(stdout);
	return good;
}

__attribute__((unused, format(printf, 5, 6))) static bool tap_number(
	intmax_t got, intmax_t want, const char *file, int line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tap_line(got == want, file, line, format, arguments);
	va_end(arguments);
	if (got != want)
		printf("#  got: %" PRIdMAX "\n# want: %" PRIdMAX "\n", got, want);
	fflush(stdout);
	return got == want;
}

/* Each takes a printf description at its end, and returns whether it passed. */
#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)
#define is_string(got, want, ...) tap_string((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_number(got, want, ...) \
	tap_number((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, __VA_ARGS__)

/* Counts as passed, and says why it was not tried. */
__attribute__((unused, format(printf, 2, 3))) static void skip(
	const char *what, const char *reason, ...)
{
	va_list arguments;

	printf("ok %u - %s # SKIP ", ++tap.run, what);
	va_start(arguments, reason);
	vprintf(reason, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
}

/* The exit status: 0 when everything that was planned ran and passed. */
__attribute__((unused)) static int tap_end(void)
{
	if (tap.planned == 0)
		plan(tap.run);
	if (tap.planned != tap.run)
		printf("# planned %u, ran %u\n", tap.planned, tap.run);
	if (tap.failed > 0)
		printf("# %u of %u failed\n", tap.failed, tap.run);
	fflush(stdout);
	return tap.failed == 0 && tap.planned == tap.run ? EXIT_SUCCESS : EXIT_FAILURE;
}

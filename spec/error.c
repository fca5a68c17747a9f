/*
 * The first failure knows best what went wrong; everything after it is a consequence. So a record
 * that is filled stays as it is. Texts may quote what a stranger wrote: whatever would break the
 * one line is replaced here, once, so that no caller needs to think of it.
 */
#include "spec/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "spec/utf8.h"

static const struct {
	const char *name;
	const char *meaning;
	const char *advice;
	int status;
} codes[] = {
#define CODE(name, meaning, status, advice) {#name, meaning, advice, status},
#include "spec/error.def"
#undef CODE
};

/* Makes it one line of valid UTF-8: control characters and broken ones become "?", a cut one at the
 * end goes. */
static void text_tidy(char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		size_t step = utf8_length(text + at, length - at);

		if (step == 0 && length - at < 4 && (unsigned char)text[at] >= 0xc2) {
			text[at] = '\0';
			break;
		}
		if (step == 0 || (unsigned char)text[at] < ' ' || text[at] == 0x7f)
			text[at] = '?';
		at += step > 0 ? step : 1;
	}
}

__attribute__((format(printf, 3, 0), nonnull(3))) static void text_fill(
	char *text, size_t size, const char *format, va_list arguments)
{
	if (text[0] != '\0')
		return;
	vsnprintf(text, size, format, arguments);
	text_tidy(text);
}

int error_set(struct error *err, enum error_code code, int number, const char *format, ...)
{
	va_list arguments;

	if (err->code == ERROR_NONE) {
		err->code = code;
		err->number = number;
		err->message[0] = '\0';
		va_start(arguments, format);
		text_fill(err->message, sizeof(err->message), format, arguments);
		va_end(arguments);
	}
	return number > 0 ? -number : -EINVAL;
}

void error_pointer(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_fill(err->pointer, sizeof(err->pointer), format, arguments);
	va_end(arguments);
}

void error_value(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_fill(err->value, sizeof(err->value), format, arguments);
	va_end(arguments);
}

void error_hint(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_fill(err->hint, sizeof(err->hint), format, arguments);
	va_end(arguments);
}

void error_step(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_fill(err->step, sizeof(err->step), format, arguments);
	va_end(arguments);
}

void error_clear(struct error *err)
{
	*err = (struct error){0};
}

const char *error_code_name(enum error_code code)
{
	return codes[code].name;
}

const char *error_code_meaning(enum error_code code)
{
	return codes[code].meaning;
}

const char *error_code_advice(enum error_code code)
{
	return codes[code].advice;
}

int error_code_status(enum error_code code)
{
	return codes[code].status;
}

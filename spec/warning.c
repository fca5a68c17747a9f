/* Warnings are few, so each one makes the list anew: nothing needs to remember how much room there
 * was. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/arena.h"
#include "spec/table.h"

void warning_add(struct warnings *warnings, struct arena *arena, const char *pointer,
	const char *format, ...)
{
	char text[512];
	struct warning *items;
	va_list arguments;

	if (warnings == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	items = arena_alloc(arena, (warnings->count + 1) * sizeof(*items));
	if (items == NULL)
		return;
	if (warnings->count > 0)
		memcpy(items, warnings->items, warnings->count * sizeof(*items));
	items[warnings->count] = (struct warning){
		.pointer = arena_copy(arena, pointer, strlen(pointer)),
		.text = arena_copy(arena, text, strlen(text)),
	};
	if (items[warnings->count].pointer == NULL || items[warnings->count].text == NULL)
		return;
	warnings->items = items;
	warnings->count++;
}

/*
 * Fuzzing the quick way of reading what table_encode has written: it declines, or has read what the
 * general decoder reads, without a word of warning.
 */
#include "state/record.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/replay.h"

static const char *text_of(const struct table *table, const void *structure, struct arena *arena)
{
	struct error err = {0};
	const char *text = table_encode(table, structure, 0, arena, NULL, &err);

	if (text == NULL)
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct table *const tables[] = {&spec_record_table, &spec_exit_record_table};
	union {
		struct spec_record record;
		struct spec_exit_record end;
	} quick, general;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const char *bytes = (const char *)data;
		struct warnings warnings = {0};
		struct arena arena = {0};
		struct error err = {0};

		if (table_recall(tables[i], &quick, bytes, size, &arena) &&
			(table_decode(tables[i], &general, bytes, size, &arena, &warnings, &err) <
					0 ||
				warnings.count > 0 ||
				strcmp(text_of(tables[i], &quick, &arena),
					text_of(tables[i], &general, &arena)) != 0))
			abort();
		arena_free(&arena);
	}
	return 0;
}

/*
 * Fuzzing the readers of what is kept below /var/run/mydocker: records, ends, lines of the journal.
 * A damaged file is an error with a story, and what is taken can be written and read again.
 */
#include "state/record.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct table *const tables[] = {
		&spec_record_table, &spec_exit_record_table, &spec_event_table};
	union {
		struct spec_record record;
		struct spec_exit_record end;
		struct spec_event event;
	} structure;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct arena arena = {0};
		struct error err = {0};

		if (table_decode(tables[i], &structure, (const char *)data, size, &arena, NULL,
			    &err) == 0)
			round_trip(tables[i], &structure, &arena);
		else
			refusal_check(&err);
		arena_free(&arena);
	}
	return 0;
}

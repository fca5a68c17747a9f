/*
 * Fuzzing the decoder of configurations (libFuzzer):
 *
 *	clang -std=gnu17 -I. -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined \
 *		tests/fuzz/config.c spec/[a-z]*.c -lyajl -o fuzz-config
 *	./fuzz-config -max_len=16384 NEW-CORPUS tests/fuzz/corpus/config
 *
 * Whatever comes in: no crash, no leak, an error says something, and what is taken can be written,
 * and read again as the same. tests/unit/spec_corpus.c replays the corpus.
 */
#include <stdlib.h>
#include <string.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refusal_check(const struct error *err)
{
	if (err->code == ERROR_NONE || err->message[0] == '\0' || strpbrk(err->message, "\n\r\t"))
		abort();
}

/* Reads back what was written of it: the same text must come out. */
static void round_trip(const struct table *table, const void *structure, struct arena *arena)
{
	struct error err = {0};
	size_t length;
	const char *first = table_encode(table, structure, 0, arena, &length, &err);
	void *again = arena_alloc(arena, table->size);
	const char *second;

	if (first == NULL || again == NULL)
		abort();
	if (table_decode(table, again, first, length, arena, NULL, &err) < 0)
		abort();
	second = table_encode(table, again, 0, arena, NULL, &err);
	if (second == NULL || strcmp(first, second) != 0)
		abort();
}

static int pointer_check(void *context, const struct table *table, const void *structure)
{
	const struct spec *spec = context;
	char pointer[64];

	if (spec_pointer(spec, structure, pointer, sizeof(pointer)) < 0)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec spec = {0};
	struct spec_process process;
	struct error err = {0};

	if (spec_decode(&spec, (const char *)data, size, &err) == 0) {
		round_trip(&spec_config_table, &spec.config, &spec.arena);
		if (size < 4096)
			table_each(&spec_config_table, &spec.config, pointer_check, &spec);
	} else {
		refusal_check(&err);
	}
	error_clear(&err);
	if (table_decode(&spec_process_table, &process, (const char *)data, size, &spec.arena,
		    &spec.warnings, &err) == 0)
		round_trip(&spec_process_table, &process, &spec.arena);
	else
		refusal_check(&err);
	spec_free(&spec);
	return 0;
}

/*
 * Fuzzing the decoder of configurations. Whatever comes in: no crash, no leak, an error says
 * something, and what is taken can be written, and read again as the same.
 */
#include "spec/spec.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/replay.h"

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

/* Replays what fuzzing has found worth keeping; a crash or an abort is the failure. */
#include "tests/fuzz/config.c"

#include "tests/unit/document.h"
#include "tests/unit/tap.h"

#define CORPUS "tests/fuzz/corpus/config"

static void replay(const char *path, const char *name)
{
	size_t length;
	char *bytes = file_load(path, &length);
	uint8_t *exact = malloc(length > 0 ? length : 1);

	memcpy(exact, bytes, length);
	LLVMFuzzerTestOneInput(exact, length);
	ok(true, "%s", name);
	free(exact);
	free(bytes);
}

int main(void)
{
	files_each(CORPUS, replay);
	files_each(CONFIGS, replay);
	ok(tap.run > 20, "a corpus is there");
	return tap_end();
}

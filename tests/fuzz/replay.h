/*
 * A program of tests/fuzz is two things. Built by `make fuzz` it is a fuzzer (libFuzzer), whose
 * function makes something of whatever bytes come in. Built by `make unit` it replays, as TAP, what
 * fuzzing has found worth keeping: the files of tests/fuzz/corpus/NAME, and the configurations of
 * the unit tests. A crash, a leak or an abort is the failure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef FUZZING
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

#define CORPUS "tests/fuzz/corpus/"

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

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char corpus[256];

	snprintf(corpus, sizeof(corpus), CORPUS "%s", name != NULL ? name + 1 : argv[0]);
	files_each(corpus, replay);
	ok(tap.run > 3, "a corpus is there");
	files_each(CONFIGS, replay);
	return tap_end();
}
#endif

/* Documents for the tests of the word: from files of the repository, or made to measure. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIGS "tests/unit/configs"

/* Reads a whole file into memory of its own (NUL-terminated), or ends the test program. */
__attribute__((unused)) static char *file_load(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *bytes = malloc(1 << 20);

	if (file == NULL || bytes == NULL) {
		printf("Bail out! cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	*length = fread(bytes, 1, (1 << 20) - 1, file);
	bytes[*length] = '\0';
	fclose(file);
	return bytes;
}

/* Text of many parts: between them the same separator. */
__attribute__((unused)) static char *text_repeat(
	const char *begin, const char *part, const char *end, size_t times)
{
	size_t size = strlen(begin) + strlen(part) * times + strlen(end) + 1;
	char *text = malloc(size), *at = text;

	at = stpcpy(at, begin);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, part);
	stpcpy(at, end);
	return text;
}

/* Calls visit for each file of a directory, by name. */
__attribute__((unused)) static void files_each(
	const char *directory, void (*visit)(const char *path, const char *name))
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			visit(path, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/*
 * A variable that is there twice is read as the first by some programs and as the last by others:
 * so what is given later takes the place of what was there.
 */
#include "runtime/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int memory_missing(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

/* Puts NAME=VALUE into its place; the list has room for it. */
static void variable_put(struct string_list *environment, const char *variable)
{
	size_t name = strcspn(variable, "=") + 1;

	environment->given = true;
	for (uint32_t i = 0; i < environment->count; i++)
		if (strncmp(environment->items[i], variable, name) == 0) {
			environment->items[i] = variable;
			return;
		}
	environment->items[environment->count++] = variable;
}

static int variable_add(
	struct arena *arena, struct string_list *environment, const char *word, struct error *err)
{
	const char **items;

	if (*word == '=' || *word == '\0')
		return error_set(err, ERROR_USAGE, EINVAL, "the variable \"%s\" has no name", word);
	if (!strchr(word, '=')) {
		const char *value = getenv(word);

		if (!value)
			return 0;
		word = arena_format(arena, "%s=%s", word, value);
	}
	items = arena_alloc(arena, (environment->count + 1) * sizeof(*items));
	if (!word || !items)
		return memory_missing(err);
	for (uint32_t i = 0; i < environment->count; i++)
		items[i] = environment->items[i];
	environment->items = items;
	variable_put(environment, word);
	return 0;
}

static int file_add(
	struct arena *arena, struct string_list *environment, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int result = 0;

	if (!file)
		return error_set(err, ERROR_USAGE, errno, "cannot open %s: %m", path);
	while (result == 0 && getline(&line, &size, file) >= 0) {
		const char *kept;

		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		kept = arena_copy(arena, line, strlen(line));
		result = kept ? variable_add(arena, environment, kept, err) : memory_missing(err);
	}
	free(line);
	fclose(file);
	return result;
}

int environment_change(struct arena *arena, struct string_list *environment,
	const struct command *command, struct error *err)
{
	const struct option_values *files = &command->values[OPTION_env_file];
	const struct option_values *words = &command->values[OPTION_env];
	int result = 0;

	for (uint32_t i = 0; result == 0 && i < files->count; i++)
		result = file_add(arena, environment, files->items[i], err);
	for (uint32_t i = 0; result == 0 && i < words->count; i++)
		result = variable_add(arena, environment, words->items[i], err);
	return result;
}

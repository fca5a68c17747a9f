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

/* One line of a file, of length bytes; blanks before a name do not count. */
static int line_add(struct arena *arena, struct string_list *environment, const char *line,
	size_t length, struct error *err)
{
	const char *begin = line + strspn(line, " \t");
	const char *variable = arena_copy(arena, begin, strcspn(begin, "\r\n"));

	if (!variable)
		return memory_missing(err);
	if (strlen(line) < length)
		return error_set(err, ERROR_USAGE, EINVAL, "it has a NUL byte");
	if (*variable == '\0' || *variable == '#')
		return 0;
	if (strcspn(variable, " \t") < strcspn(variable, "="))
		return error_set(err, ERROR_USAGE, EINVAL, "\"%.*s\" is no name of a variable",
			(int)strcspn(variable, "="), variable);
	return variable_add(arena, environment, variable, err);
}

static int file_add(
	struct arena *arena, struct string_list *environment, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct error own = {0};
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int result = 0, number = 0;

	if (!file)
		return error_set(err, ERROR_USAGE, errno, "cannot open %s: %m", path);
	while (result == 0 && (length = getline(&line, &size, file)) >= 0) {
		number++;
		result = line_add(arena, environment, line, (size_t)length, &own);
	}
	if (result < 0)
		error_set(err, own.code, own.number, "%s, line %d: %s", path, number, own.message);
	else if (ferror(file))
		result = error_set(err, ERROR_USAGE, errno, "cannot read %s: %m", path);
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

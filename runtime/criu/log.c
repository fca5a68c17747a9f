/*
 * CRIU says in its log why something did not work, in a line with "Error", and after that, step by
 * step, what else did not work because of it. Before it there may be others, of what it tried to
 * learn about the kernel and does without.
 */
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/criu/criu.h"

#define LINES 3
#define LINE 512

/* What an error that may be nothing but a question to the kernel has in it. */
static const char *const probes[] = {"(criu/kerndat.c", "(criu/tun.c", "rlimit: Can't setup"};

/* The text of an error, which the time of day stands before; NULL for another line. */
static const char *error_text(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	return strstr(line, "Error (");
}

static bool is_probe(const char *text)
{
	for (size_t i = 0; i < array_size(probes); i++)
		if (strstr(text, probes[i]))
			return true;
	return false;
}

void criu_log_excerpt(const char *path, char *buffer, size_t size)
{
	FILE *log = path ? fopen(path, "re") : NULL;
	char line[LINE];
	size_t length = 0;
	int lines = 0;

	buffer[0] = '\0';
	if (!log)
		return;
	while (lines < LINES && length < size && fgets(line, sizeof(line), log)) {
		const char *text = error_text(line);

		if (text && is_probe(text) && lines == 0) /* until there is a better one */
			snprintf(buffer, size, "%s", text);
		if (text && !is_probe(text))
			length += (size_t)snprintf(
				buffer + length, size - length, "%s%s", lines++ ? "; " : "", text);
	}
	fclose(log);
}

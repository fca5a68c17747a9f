/* Links are made on the descriptor of a resolved directory and never take the place of a file. */
#include "nsexec/link.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/gate.h"
#include "nsexec/parent.h"

static int link_same(int directory, const char *name, const char *text)
{
	char there[PATH_MAX];
	ssize_t length = readlinkat(directory, name, there, sizeof(there));

	return length >= 0 && (size_t)length == strlen(text) &&
		memcmp(there, text, (size_t)length) == 0;
}

int link_make(struct gate *gate, const char *path, const char *text, int same)
{
	const char *name;
	int directory = parent_open(gate, path, &name);

	if (directory < 0)
		return directory;
	/* CVE-2026-41579, CVE-2026-47766: relative to the directory's descriptor, and nothing is
	 * removed. */
	if (symlinkat(text, directory, name) == 0)
		return 0;
	if (errno != EEXIST)
		return gate_failed(gate, WIRE_CALL_create, 0, path);
	if (same && !link_same(directory, name, text))
		return gate_failed(gate, WIRE_CALL_exists, EEXIST, path);
	return 0;
}

int gate_symlink(struct gate *gate, const struct step_symlink *s)
{
	return link_make(
		gate, plan_string(gate->plan, s->path), plan_string(gate->plan, s->target), 0);
}

/*
 * Nearly all devices and links of a container lie in /dev. It is resolved once, after the mounts,
 * and everything in it is made on that descriptor: a /dev that is a link to somewhere else
 * (CVE-2026-41579) leads at most to another directory of the same root.
 */
#include "nsexec/parent.h"

#include <errno.h>
#include <string.h>

#include "nsexec/gate.h"
#include "nsexec/resolve.h"

void parent_forget(struct gate *gate)
{
	if (!gate->directory_ours)
		fd_close_late(&gate->directory);
	gate->directory = -1;
	gate->directory_ours = gate->directory_entered = 0;
}

void parent_adopt(struct gate *gate, const char *path, int directory)
{
	parent_forget(gate);
	gate->directory = directory;
	gate->directory_path = path;
	gate->directory_length = strlen(path);
	gate->directory_ours = 1;
}

/* The length of the path without its last part. */
static size_t parent_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : 0;
}

int parent_is_open(const struct gate *gate, const char *path)
{
	size_t length = parent_length(path);

	return gate->directory >= 0 && gate->directory_length == length &&
		memcmp(gate->directory_path, path, length) == 0;
}

int parent_open(struct gate *gate, const char *path, const char **name)
{
	size_t length = parent_length(path);

	*name = path + length + (path[length] == '/');
	if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
		return gate_failed(gate, WIRE_CALL_resolve, EINVAL, path);
	if (parent_is_open(gate, path))
		return gate->directory;
	parent_forget(gate);
	gate->directory = resolve_directory(gate->root, path, length);
	if (gate->directory < 0) {
		int error = gate->directory;

		gate->directory = -1;
		return gate_failed(gate, WIRE_CALL_resolve, error, path);
	}
	gate->directory_path = path;
	gate->directory_length = length;
	return gate->directory;
}

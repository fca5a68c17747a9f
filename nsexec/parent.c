/*
 * Nearly all devices and links of a container lie in /dev. It is resolved once, after the mounts,
 * and everything in it is made on that descriptor: a /dev that is a link to somewhere else
 * (CVE-2026-41579) leads at most to another directory of the same root.
 */
#include "nsexec/parent.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/gate.h"
#include "nsexec/resolve.h"

void parent_forget(struct gate *gate)
{
	if (gate->directory >= 0)
		close(gate->directory);
	gate->directory = -1;
}

int parent_open(struct gate *gate, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash != NULL ? (size_t)(slash - path) : 0;

	*name = slash != NULL ? slash + 1 : path;
	if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
		return gate_failed(gate, WIRE_CALL_resolve, EINVAL, path);
	if (gate->directory >= 0 && gate->directory_length == length &&
		memcmp(gate->directory_path, path, length) == 0)
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

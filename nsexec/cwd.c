/*
 * The working directory. A path like /proc/self/fd/7 or a link to one could name a directory of the
 * host, if a descriptor of one were open: so first nothing of the kind is open, and then the kernel
 * is asked where we are.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/syscalls.h"

/* Makes the directory with its parents, as the image's author would find them: 0755. */
static int directory_make(const char *path)
{
	char partial[PATH_MAX];
	size_t length = strnlen(path, sizeof(partial));

	if (length == sizeof(partial)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(partial, path, i);
		partial[i] = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

int gate_cwd(struct gate *gate, const struct step_cwd *s)
{
	const char *path = plan_string(gate->plan, s->path);
	char actual[PATH_MAX];
	int result;

	/* CVE-2024-21626: no descriptor of the host is open when the path is followed. */
	result = gate_close_others(gate);
	if (result < 0)
		return result;
	result = chdir(path);
	/* Only in a container that is being made: the root is ours until it runs. */
	if (result < 0 && errno == ENOENT && gate->pivoted && directory_make(path) == 0)
		result = chdir(path);
	if (result < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, path);
	/* CVE-2024-21626: libc hides the kernel's "(unreachable)", so the kernel itself is asked.
	 */
	if (syscall(SYS_getcwd, actual, sizeof(actual)) < 0)
		return gate_failed(gate, WIRE_CALL_verify, 0, path);
	return actual[0] == '/' ? 0 : gate_failed(gate, WIRE_CALL_outside, EXDEV, path);
}

/* A terminal whose master nobody holds hangs up at once; a socket on which nothing will ever be
 * sent makes its owner wait for ever. */
#include <errno.h>
#include <stddef.h>

#include "runtime/console.h"
#include "runtime/console_socket.h"
#include "runtime/plan/blame.h"

int console_socket_use(bool detach, const struct spec *spec, const struct spec_process *process,
	const char *path, int *fd, struct error *err)
{
	bool terminal = process && process->terminal.value;

	*fd = -1;
	if (detach && terminal && !path) {
		error_set(err, ERROR_CONSOLE, EINVAL,
			"cannot allocate a terminal without a console socket when nobody stays to "
			"serve it");
		blame(err, spec, process, &process->terminal);
		error_hint(err, "give --console-socket, or set terminal to false");
		return -EINVAL;
	}
	if (path && !(detach && terminal))
		return error_set(err, ERROR_CONSOLE, EINVAL,
			"cannot use a console socket without a terminal or in the foreground");
	if (path)
		*fd = console_connect(path, err);
	return path && *fd < 0 ? *fd : 0;
}

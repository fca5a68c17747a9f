/* A socket that is ready when its file is there, so that whoever waits for the file can connect. */
#pragma once

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Listens at path, which must be free. Returns 0, or -1 with errno. */
static int listen_at(int socket, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s.", path) >=
		sizeof(address.sun_path))
		return -1;
	if (bind(socket, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(socket, 8) < 0)
		return -1;
	return rename(address.sun_path, path);
}

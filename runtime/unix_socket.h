/* Sockets that engines and agents listen on. */
#pragma once

/*
 * Connects to the stream socket at path, which may be longer than the kernel's addresses (107
 * bytes). Returns the descriptor, close-on-exec, or -errno.
 */
int unix_socket_connect(const char *path);

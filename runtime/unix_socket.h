/* Sockets that engines and agents listen on. */
#pragma once

#include <sys/uio.h>

/*
 * Connects to the stream socket at path, which may be longer than the kernel's addresses (107
 * bytes). Returns the descriptor, close-on-exec, or -errno.
 */
int unix_socket_connect(const char *path);

/* Sends a descriptor, in a message with this text. Returns 0 or -errno. */
int unix_socket_send(int socket, const char *text, int fd);

/* Receives one message, and in *fd the descriptor that came with it, close-on-exec (-1: none).
 * Returns its length, 0 at the end, or -errno: -EMSGSIZE when it does not fit. */
ssize_t unix_socket_receive(int socket, struct iovec *data, int *fd);

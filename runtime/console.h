/*
 * Terminals on the host's side: the console socket, and the foreground relay between the user's
 * terminal and the container's.
 */
#pragma once

#include <sys/types.h>

#include "spec/error.h"

/*
 * Connects to --console-socket (AF_UNIX stream; longer than 107 bytes too, through /proc/self/fd).
 * The descriptor or -errno.
 */
int console_connect(const char *path, struct error *err);

/*
 * A socket pair for a foreground terminal: *ours receives the master (console_receive), *theirs is
 * given to the gate and closed.
 */
int console_pair(int *ours, int *theirs, struct error *err);

/*
 * Receives the master, waiting at most 10 s, and gives it the size of the user's terminal, so that
 * the program sees the right one from its first moment; newlines stay what they are. The descriptor
 * or -errno.
 */
int console_receive(int ours, struct error *err);

/*
 * Puts the user's terminal (if 0 is one) into raw mode, sets the window size, copies both ways,
 * passes SIGWINCH on as a new size and the signals that the caller has blocked as they are, until
 * the process behind pidfd has ended and the tail of its output is drained. Input that ends, and is
 * no terminal, ends the container's input as Ctrl-D would. Restores the terminal. Returns 0 or
 * -errno.
 */
int console_relay(int master, int pidfd, struct error *err);

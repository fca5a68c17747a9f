/* The user's own terminal: its modes and its size. */
#pragma once

#include <stdbool.h>
#include <termios.h>

/* What has to be put back. */
struct terminal {
	bool raw;
	struct termios before;
};

/* Puts the terminal on descriptor 0 into raw mode; nothing happens when it is none. */
void terminal_enter_raw(struct terminal *terminal);

/* Puts back what terminal_enter_raw changed; may be called twice. */
void terminal_restore(struct terminal *terminal);

/*
 * Has the terminal behind master pass newlines as they are: its output goes through the user's own
 * terminal, which adds the carriage returns, or into a file, which wants none (termios(3), ONLCR).
 */
void terminal_keep_newlines(int master);

/* Gives the terminal behind master the size of the user's; nothing happens when there is none. */
void terminal_resize(int master);

/* How many places a line of our standard output has; 0 when that is no terminal, or does not know.
 */
int terminal_width(void);

/* Whether colours are welcome there: on a terminal, with a TERM that is not "dumb", and without
 * NO_COLOR (https://no-color.org: set, and not empty). */
bool terminal_is_coloured(void);

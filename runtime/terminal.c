/* In raw mode every key goes to the container, Ctrl-C as well: the terminal inside makes the
 * signals. */
#include "runtime/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void terminal_enter_raw(struct terminal *terminal)
{
	struct termios modes;

	*terminal = (struct terminal){0};
	if (tcgetattr(STDIN_FILENO, &terminal->before) < 0)
		return;
	modes = terminal->before;
	cfmakeraw(&modes);
	modes.c_oflag |= OPOST; /* the container's newlines come without carriage returns */
	terminal->raw = tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0;
}

void terminal_restore(struct terminal *terminal)
{
	if (terminal->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
	terminal->raw = false;
}

void terminal_keep_newlines(int master)
{
	struct termios modes;

	if (tcgetattr(master, &modes) < 0)
		return;
	modes.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(master, TCSANOW, &modes);
}

void terminal_resize(int master)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}

int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool terminal_is_coloured(void)
{
	const char *unwanted = getenv("NO_COLOR");
	const char *kind = getenv("TERM");

	return isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0 &&
		(!unwanted || !*unwanted);
}

/*
 * A person at a terminal: runs a program on a new terminal of a given size, and does what the lines
 * of standard input say. What the terminal shows goes to OUTPUT.
 *
 *   tty OUTPUT ROWS COLUMNS PROGRAM [ARGUMENT...]
 *
 *   wait TEXT         until the terminal has shown TEXT, ten seconds at most
 *   type TEXT         \n, \t and \xHH stand for what they do in C
 *   size ROWS COLUMNS
 *   signal NUMBER     to the program
 *   stopped           until it has been stopped
 *   modes             prints "raw" or "cooked"
 *   end               until it has ended; prints its status, or 128 and its signal
 *
 * The program leads a session of its own. It is killed when standard input ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define PATIENCE 10 /* seconds */

static int master, output;
static pid_t child;
static char shown[1 << 20]; /* since the last wait that succeeded */
static size_t shown_length;

/* Takes what the terminal shows within some milliseconds; false at its end. */
static int terminal_read(int milliseconds)
{
	struct pollfd polled = {.fd = master, .events = POLLIN};
	char piece[4096];
	ssize_t got;

	if (poll(&polled, 1, milliseconds) <= 0)
		return 1;
	got = read(master, piece, sizeof(piece));
	if (got <= 0)
		return 0;
	if (write(output, piece, (size_t)got) != got)
		exit(99);
	if (shown_length + (size_t)got < sizeof(shown)) {
		memcpy(shown + shown_length, piece, (size_t)got);
		shown_length += (size_t)got;
	}
	return 1;
}

static int wait_for(const char *text)
{
	time_t end = time(NULL) + PATIENCE;

	for (;;) {
		char *found = memmem(shown, shown_length, text, strlen(text));

		if (found != NULL) {
			size_t used = (size_t)(found - shown) + strlen(text);

			memmove(shown, shown + used, shown_length -= used);
			return 1;
		}
		if (!terminal_read(100) || time(NULL) > end) {
			printf("waited in vain for: %s\n", text);
			return 0;
		}
	}
}

static void type(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned int byte = (unsigned char)*text;

		if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1) {
			text += 3;
		} else if (text[0] == '\\' && text[1] != '\0') {
			text++;
			byte = *text == 'n' ? '\n' : *text == 't' ? '\t' : (unsigned char)*text;
		}
		if (write(master, &(char){(char)byte}, 1) != 1)
			exit(99);
	}
}

static void modes_print(void)
{
	struct termios modes;

	if (tcgetattr(master, &modes) < 0)
		exit(99);
	printf("%s\n", modes.c_lflag & ECHO ? "cooked" : "raw");
}

/* Waits for a change of the child; prints its end. */
static int wait_child(int options)
{
	time_t end = time(NULL) + PATIENCE;
	int status;

	for (;;) {
		pid_t pid = waitpid(child, &status, WNOHANG | options);

		if (pid == child)
			break;
		if (time(NULL) > end) {
			printf("waited in vain for the program\n");
			return 0;
		}
		terminal_read(10);
	}
	if (options == 0) {
		while (terminal_read(0) &&
			poll(&(struct pollfd){.fd = master, .events = POLLIN}, 1, 0) > 0)
			;
		printf("%d\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	}
	return 1;
}

/* False when what was waited for did not come. */
static int line_obey(char *line)
{
	struct winsize size = {0};
	char *argument = strchr(line, ' ');

	argument = argument != NULL ? argument + 1 : line + strlen(line);
	if (strncmp(line, "wait ", 5) == 0)
		return wait_for(argument);
	if (strncmp(line, "type ", 5) == 0)
		type(argument);
	else if (sscanf(line, "size %hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(master, TIOCSWINSZ, &size);
	else if (strncmp(line, "signal ", 7) == 0)
		kill(child, atoi(argument));
	else if (strcmp(line, "modes") == 0)
		modes_print();
	else if (strcmp(line, "stopped") == 0)
		return wait_child(WUNTRACED);
	else if (strcmp(line, "end") == 0)
		return wait_child(0);
	else
		exit(99);
	return 1;
}

int main(int argc, char **argv)
{
	struct winsize size = {0};
	char line[1024];
	int slave, obeyed = 1;

	if (argc < 5)
		return 99;
	size.ws_row = (unsigned short)atoi(argv[2]);
	size.ws_col = (unsigned short)atoi(argv[3]);
	output = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	/* the inner end stays open here, so that its modes can be asked for when the program has
	 * ended */
	if (output < 0 || openpty(&master, &slave, NULL, NULL, &size) < 0)
		return 99;
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	child = fork();
	if (child == 0) {
		login_tty(slave);
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (obeyed && fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		obeyed = line_obey(line);
	}
	kill(child, SIGKILL);
	return !obeyed;
}

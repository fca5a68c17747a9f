/*
 * One loop between two terminals. Each direction has a small buffer of its own and is only asked
 * for what it can take now: a program that does not read its input must not hold up its output, and
 * an output that nobody takes must not hold up a signal. The end is the process's end, never the
 * terminal's: every program inside may close its terminal and open it again. We keep the inner end
 * open ourselves, so that the kernel never reports it as hung up in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/console.h"
#include "runtime/terminal.h"

#define DRAIN_MAX 512 /* reads after the end; a terminal holds far less */

/* Bytes on their way from one descriptor to another. Small: a pipe that is ready takes this much at
 * once. */
struct stream {
	int from, to;
	bool ended; /* nothing more comes */
	char last;  /* byte that came */
	size_t begin, end;
	char buffer[2048];
};

struct relay {
	struct stream in, out;
	int master, pidfd, signals;
};

static short stream_from_events(const struct stream *stream)
{
	return !stream->ended && stream->begin == stream->end ? POLLIN : 0;
}

static short stream_to_events(const struct stream *stream)
{
	return stream->begin < stream->end ? POLLOUT : 0;
}

/* Reads once into an empty buffer. False when there is nothing now. */
static bool stream_fill(struct stream *stream)
{
	ssize_t got = read(stream->from, stream->buffer, sizeof(stream->buffer));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	stream->begin = 0;
	stream->end = got > 0 ? (size_t)got : 0;
	stream->ended = got <= 0;
	if (got > 0)
		stream->last = stream->buffer[got - 1];
	return got > 0;
}

/* Writes once. A reader that has gone swallows everything. */
static void stream_pour(struct stream *stream)
{
	ssize_t written =
		write(stream->to, stream->buffer + stream->begin, stream->end - stream->begin);

	if (written > 0)
		stream->begin += (size_t)written;
	else if (written < 0 && errno != EAGAIN && errno != EINTR)
		stream->begin = stream->end;
}

/* Input that ended becomes the character by which a terminal says so; the first one only ends a
 * line that is not complete. */
static void stream_end_input(struct stream *stream)
{
	bool open = stream->last != '\0' && stream->last != '\n';
	struct termios modes;

	if (tcgetattr(stream->to, &modes) < 0)
		return;
	stream->buffer[0] = stream->buffer[1] = (char)modes.c_cc[VEOF];
	stream->begin = 0;
	stream->end = open ? 2 : 1;
}

/* A new size of the user's terminal becomes the inner one's; anything else is meant for the
 * container. */
static void relay_signal(struct relay *relay)
{
	struct signalfd_siginfo info;

	if (read(relay->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH)
		terminal_resize(relay->master);
	else
		sys_pidfd_send_signal(relay->pidfd, (int)info.ssi_signo, 0);
}

/* Copies until the process has ended. Returns 0 or -errno. */
static int relay_run(struct relay *relay)
{
	for (;;) {
		struct stream *in = &relay->in, *out = &relay->out;
		struct pollfd polled[] = {
			{.fd = in->ended ? -1 : in->from, .events = stream_from_events(in)},
			{.fd = relay->master,
				.events = (short)(stream_from_events(out) | stream_to_events(in))},
			{.fd = out->to, .events = stream_to_events(out)},
			{.fd = relay->signals, .events = POLLIN},
			{.fd = relay->pidfd, .events = POLLIN},
		};

		if (polled[0].events == 0)
			polled[0].fd = -1; /* a hang-up is reported even when nobody asks */
		if (polled[2].events == 0)
			polled[2].fd = -1;
		if (poll(polled, array_size(polled), -1) < 0 && errno != EINTR)
			return -errno;
		if (polled[4].revents != 0)
			return 0; /* what is left to do, and a signal, are the drain's */
		if (polled[3].revents != 0)
			relay_signal(relay);
		if (polled[0].revents != 0 && !stream_fill(in) && in->ended)
			stream_end_input(in);
		if (polled[1].revents & POLLOUT)
			stream_pour(in);
		if (polled[1].revents & POLLIN)
			stream_fill(out);
		if (polled[2].revents != 0)
			stream_pour(out);
	}
}

/* Waits until the output takes something. False when a signal has come before: there is nobody any
 * more to send it on to, so that it is for us. */
static bool output_await(const struct relay *relay)
{
	struct pollfd polled[] = {
		{.fd = relay->out.to, .events = POLLOUT},
		{.fd = relay->signals, .events = POLLIN},
	};
	struct signalfd_siginfo info;

	for (;;) {
		int ready = poll(polled, array_size(polled), -1);

		if (ready < 0 && errno != EINTR)
			return false;
		if (ready > 0 && polled[0].revents != 0)
			return true;
		if (ready > 0 && read(relay->signals, &info, sizeof(info)) == sizeof(info) &&
			info.ssi_signo != SIGWINCH)
			return false;
	}
}

/* What was still on its way when the process ended; bounded, since others may hold the terminal. */
static void relay_drain(struct relay *relay)
{
	struct stream *out = &relay->out;

	for (int i = 0;; i++) {
		while (out->begin < out->end) {
			if (!output_await(relay))
				return;
			stream_pour(out);
		}
		if (i == DRAIN_MAX || out->ended || !stream_fill(out))
			return;
	}
}

int console_relay(int master, int pidfd, struct error *err)
{
	/* The inner end, opened through the master: no path of the container is followed
	 * (CVE-2025-52565). */
	auto_fd int inner = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	auto_fd int signals = -1;
	struct relay relay = {
		.in = {.from = STDIN_FILENO, .to = master},
		.out = {.from = master, .to = STDOUT_FILENO},
		.master = master,
		.pidfd = pidfd,
	};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, pipe_before;
	struct terminal terminal;
	sigset_t taken, before;
	int result;

	if (inner < 0)
		return error_set(
			err, ERROR_CONSOLE, errno, "cannot open the container's terminal: %m");
	sigemptyset(&taken);
	sigaddset(&taken, SIGWINCH);
	sigprocmask(SIG_BLOCK, &taken, &before);
	sigorset(&taken, &taken, &before);
	signals = relay.signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	sigaction(SIGPIPE, &ignore, &pipe_before);
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	terminal_enter_raw(&terminal);
	terminal_resize(master);
	result = signals < 0 ? -errno : relay_run(&relay);
	relay_drain(&relay);
	terminal_restore(&terminal);
	sigaction(SIGPIPE, &pipe_before, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (result < 0)
		error_set(err, ERROR_CONSOLE, -result, "cannot relay the terminal: %s",
			strerror(-result));
	return result;
}

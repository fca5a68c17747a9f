/*
 * A caller in the foreground treats us as if we were the program: what is sent to us is sent on,
 * and our exit status is its own. Signals wait, blocked, from before there is a process until there
 * is one to forward them to.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/bound.h"
#include "runtime/console.h"
#include "runtime/foreground.h"

/* Every signal but those that concern ourselves: our children, our terminal, a reader of ours that
 * is gone. A mistake of our own ends us all the same: the kernel does not wait for a blocked
 * signal. */
static void forwarded_fill(sigset_t *set)
{
	static const int own[] = {SIGCHLD, SIGTTIN, SIGTTOU, SIGPIPE};

	memset(set, 0xff,
		sizeof(*set)); /* sigfillset of musl leaves out what it could use itself */
	for (size_t i = 0; i < array_size(own); i++)
		sigdelset(set, own[i]);
	if (bound_signal())
		sigdelset(set, bound_signal());
}

/* What waits until we look for it: that children have ended, too. */
static void awaited_fill(sigset_t *set)
{
	forwarded_fill(set);
	sigaddset(set, SIGCHLD);
}

void foreground_begin(void)
{
	sigset_t set;

	awaited_fill(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The program whose end foreground_wait reports: a zombie of it stays for that. */
static pid_t program;

/* Everybody else's zombies are collected at once. */
static void orphans_reap(int signal)
{
	int error = errno;
	siginfo_t info = {.si_pid = 0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0 &&
		info.si_pid != program) {
		waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
	errno = error;
}

void foreground_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static void signal_forward(int signals, int pidfd)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		orphans_reap(SIGCHLD);
	else
		sys_pidfd_send_signal(pidfd, (int)info.ssi_signo, 0);
}

static int signals_relay(int pidfd, struct error *err)
{
	sigset_t set;
	int signals; /* ends with this process */

	awaited_fill(&set);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot wait for signals: %m");
	for (;;) {
		struct pollfd events[2] = {
			{.fd = pidfd, .events = POLLIN},
			{.fd = signals, .events = POLLIN},
		};

		if (poll(events, 2, -1) < 0 && errno != EINTR)
			return error_set(err, ERROR_SYSTEM, errno, "cannot wait: %m");
		if (events[0].revents)
			return 0;
		if (events[1].revents)
			signal_forward(signals, pidfd);
	}
}

/* The relay knows nothing of other children: they interrupt it. */
static int terminal_relay(int master, int pidfd, struct error *err)
{
	struct sigaction reap = {.sa_handler = orphans_reap, .sa_flags = SA_RESTART}, before;
	sigset_t child;
	int result;

	sigaction(SIGCHLD, &reap, &before);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
	result = console_relay(master, pidfd, err);
	sigaction(SIGCHLD, &before, NULL);
	return result;
}

int foreground_wait(struct walk *walk, int master, struct error *err)
{
	int status = 0;
	int result;
	pid_t pid;

	program = walk->pid;
	result = master >= 0 ? terminal_relay(master, walk->pidfd, err)
			     : signals_relay(walk->pidfd, err);
	if (result < 0)
		return result;
	do
		pid = waitpid(walk->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return error_set(
			err, ERROR_SYSTEM, errno, "cannot learn how the program has ended: %m");
	walk->pid = 0;
	walk->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return walk->signal ? 128 + walk->signal : WEXITSTATUS(status);
}

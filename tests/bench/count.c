/*
 * What a command does, whatever the load of the machine: its system calls, execs and forks, with
 * those of everything it starts, counted by stopping at each. Slow and exact.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

static void start_traced(char *const *argv)
{
	int null = open("/dev/null", O_RDWR);

	/* What a caller ignores has to be undone inside the container, which costs calls. */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execv(argv[0], argv);
	_exit(127);
}

/* Counts one stop; returns the signal to deliver when the process goes on. */
static int count_stop(struct count *count, pid_t pid, pid_t first, int status)
{
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (signal == SYSCALL_STOP) {
		struct __ptrace_syscall_info info;

		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
		count->calls += info.op == PTRACE_SYSCALL_INFO_ENTRY;
		count->own += info.op == PTRACE_SYSCALL_INFO_ENTRY && pid == first;
		return 0;
	}
	if (event == PTRACE_EVENT_EXEC)
		count->executions++;
	else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		event == PTRACE_EVENT_CLONE)
		count->processes++;
	else if (event == 0 && signal != SIGSTOP && signal != SIGTRAP)
		return signal;
	return 0;
}

struct count count_run(char *const *argv)
{
	struct count count = {.status = -1};
	int status;
	pid_t pid, first = fork();

	if (first == 0)
		start_traced(argv);
	waitpid(first, &status, 0);
	ptrace(PTRACE_SETOPTIONS, first, 0,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	ptrace(PTRACE_SYSCALL, first, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		if (!WIFSTOPPED(status) && pid == first) {
			count.status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			break;
		}
		if (!WIFSTOPPED(status))
			continue;
		ptrace(PTRACE_SYSCALL, pid, 0,
			(void *)(intptr_t)count_stop(&count, pid, first, status));
	}
	return count;
}

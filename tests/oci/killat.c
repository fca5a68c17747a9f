/*
 * Ends a program by SIGKILL at the entry of its Nth system call. Its children are not traced: they
 * go on, as they would.
 *
 *   killat N PROGRAM [ARGUMENT...]
 *
 * Exit status 0: it was killed (what it was about to call is printed); 3: it ended before, after
 * printing how many calls it made.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Follows the stopped child; true when it was killed, false when it ended by itself. *calls counts.
 */
static int follow(pid_t child, long limit, long *calls)
{
	int status, signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, signal) < 0 ||
			waitpid(child, &status, 0) < 0)
			die("ptrace");
		signal = 0;
		if (!WIFSTOPPED(status))
			return 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			struct __ptrace_syscall_info info;

			if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) < 0)
				die("ptrace");
			if (info.op != PTRACE_SYSCALL_INFO_ENTRY || ++*calls != limit)
				continue;
			printf("system call %ld is %lld\n", limit, (long long)info.entry.nr);
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return 1;
		}
		if (WSTOPSIG(status) != SIGTRAP) /* that one is the exec */
			signal = WSTOPSIG(status);
	}
}

int main(int argc, char **argv)
{
	long limit = argc > 2 ? atol(argv[1]) : 0, calls = 0;
	pid_t child;
	int status;

	if (limit <= 0)
		return 2;
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (waitpid(child, &status, 0) < 0 ||
		ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD) < 0)
		die("ptrace");
	if (follow(child, limit, &calls))
		return 0;
	printf("made %ld system calls\n", calls);
	return 3;
}

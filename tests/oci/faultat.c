/*
 * Lets one system call of a program, or of a process that it makes, go wrong: the Nth of that
 * process fails with an error, or the process is killed by SIGKILL at its entry.
 *
 *   faultat [-p PID] [-a | -c] REPORT WHO FAULT N PROGRAM [ARGUMENT...]
 *
 *   WHO     0 is the program, 1 the first process that it makes, 2 the second, ...
 *   FAULT   KILL, or the name of an error: ENOSPC, EIO, ENOMEM, EINTR, EMFILE
 *   -p PID  a process that is there already is number 1
 *   -a      goes on until all of them have ended, not only the program
 *   -c      the processes that it makes go on untraced: one of them traces others itself (CRIU)
 *
 * The system calls of a process are counted from its first moment up to the exec of the container's
 * program: that is what our own program or the gate does. The first line of REPORT is "call N is
 * NUMBER in PROCESS", or "made N calls" when there was no Nth. The exit status is the program's, or
 * 128 and its signal; 99 when something is wrong here.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACED_MAX 64
#define PROGRAM_EXECS 2 /* the gate's image, and the container's program */

struct traced {
	pid_t pid;
	int execs;
	int ended;
	int failing; /* its system call has been skipped and is about to return */
};

static struct traced traced[TRACED_MAX];
static int traced_count;
static long limit, calls;
static int who, error; /* 0: SIGKILL */
static int happened;
static int alone; /* what is made by one of them is not ours */
static FILE *report;

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static int error_named(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"KILL", 0}, {"ENOSPC", ENOSPC}, {"EIO", EIO}, {"ENOMEM", ENOMEM},
		{"EINTR", EINTR}, {"EMFILE", EMFILE}};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	fprintf(stderr, "faultat: unknown fault %s\n", name);
	exit(99);
}

static struct traced *traced_find(pid_t pid)
{
	for (int i = 0; i < traced_count; i++)
		if (traced[i].pid == pid && !traced[i].ended)
			return &traced[i];
	return NULL;
}

/* A new process may be seen to stop before its parent is seen to have made it. */
static struct traced *traced_add(pid_t pid, int execs)
{
	struct traced *found = traced_find(pid);

	if (found == NULL && traced_count < TRACED_MAX)
		found = &traced[traced_count++];
	if (found == NULL)
		die("too many processes");
	found->pid = pid;
	found->execs = execs;
	return found;
}

/* Skips the call that is being entered, or replaces what it returned. */
static void call_change(pid_t pid, int entry)
{
#ifdef __x86_64__
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		return;
	if (entry)
		registers.orig_rax = (unsigned long long)-1;
	else
		registers.rax = (unsigned long long)-error;
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
#else
	fprintf(stderr, "faultat: cannot make a system call fail on this machine\n");
	exit(99);
#endif
}

/* A stop at a system call of one of them. */
static void call_stop(struct traced *process)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, sizeof(info), &info) < 0)
		return;
	if (process->failing) {
		process->failing = 0;
		call_change(process->pid, 0);
	}
	if (process - traced != who || info.op != PTRACE_SYSCALL_INFO_ENTRY || happened ||
		process->execs < 0 || process->execs >= PROGRAM_EXECS || ++calls != limit)
		return;
	happened = 1;
	fprintf(report, "call %ld is %lld in %d\n", limit, (long long)info.entry.nr, process->pid);
	fflush(report);
	if (error == 0) {
		kill(process->pid, SIGKILL);
		return;
	}
	process->failing = 1;
	call_change(process->pid, 1);
}

/* What a stop that is none of a system call means; the signal that is to be delivered. */
static int event_stop(struct traced *process, int status)
{
	unsigned long child;
	int event = status >> 16;

	if (event == PTRACE_EVENT_EXEC)
		process->execs++;
	if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
		event == PTRACE_EVENT_VFORK) {
		if (ptrace(PTRACE_GETEVENTMSG, process->pid, NULL, &child) == 0)
			traced_add((pid_t)child, process->execs);
		return 0;
	}
	return event != 0 ? 0 : WSTOPSIG(status);
}

static void resume(const struct traced *process, int signal)
{
	int counted = process->failing || (!happened && process->execs < PROGRAM_EXECS);

	ptrace(counted ? PTRACE_SYSCALL : PTRACE_CONT, process->pid, NULL, signal);
}

/* One change of one of them; the program's wait status once it has ended, else -1. */
static int follow(void)
{
	int status, signal = 0;
	pid_t pid = waitpid(-1, &status, __WALL);
	struct traced *process;

	if (pid < 0)
		return errno == EINTR ? -1 : 0;
	process = traced_find(pid);
	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		if (process != NULL)
			process->ended = 1;
		return process == traced ? status : -1;
	}
	if (process == NULL)
		process = traced_add(pid, 0);
	if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		call_stop(process);
	else
		signal = event_stop(process, status);
	resume(process, signal);
	return -1;
}

static int anybody_left(void)
{
	for (int i = 0; i < traced_count; i++)
		if (!traced[i].ended)
			return 1;
	return 0;
}

/* Seizes a process and stops it. */
static void seize(pid_t pid, int execs)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	int status;

	if (!alone)
		options |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	if (ptrace(PTRACE_SEIZE, pid, NULL, options) < 0 ||
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid(pid, &status, __WALL) < 0)
		die("ptrace");
	resume(traced_add(pid, execs), 0);
}

/* The program, which waits until it is traced; its own exec makes its count 0. */
static void begin(char **argv)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe(ready) < 0)
		die("pipe");
	pid = fork();
	if (pid == 0) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) == 0)
			close(ready[0]);
		execvp(argv[0], argv);
		die(argv[0]);
	}
	seize(pid, -1);
	close(ready[0]);
	close(ready[1]);
}

int main(int argc, char **argv)
{
	int option, all = 0, status = -1, ended;
	pid_t there = 0;

	while ((option = getopt(argc, argv, "+p:ac")) > 0) {
		if (option == 'p')
			there = atoi(optarg);
		else if (option == 'a')
			all = 1;
		else if (option == 'c')
			alone = 1;
		else
			return 99;
	}
	argv += optind;
	if (argc - optind < 5)
		return 99;
	report = fopen(argv[0], "we");
	if (report == NULL)
		die(argv[0]);
	who = atoi(argv[1]);
	error = error_named(argv[2]);
	limit = atol(argv[3]);
	begin(argv + 4);
	if (there > 0)
		seize(there, 1);
	while (status < 0 || (all && anybody_left())) {
		ended = follow();
		if (ended >= 0 && status < 0)
			status = ended;
	}
	if (!happened)
		fprintf(report, "made %ld calls\n", calls);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

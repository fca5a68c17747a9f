/*
 * Where the process begins and ends: it is the gate or a command; a command is parsed, carried out
 * by its verb, and what went wrong is said once, here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "nsexec/nsexec.h"
#include "runtime/bound.h"
#include "runtime/criu/criu.h"
#include "runtime/report.h"
#include "runtime/trace.h"
#include "runtime/verb/help.h"
#include "runtime/verb/verbs.h"

#define EXEC_FAILED \
	255 /* an exec that did not come to run its program; else the program's own code */

/*
 * A caller may have closed some of 0, 1 and 2: a descriptor opened later would take the number and
 * be written to or handed to the container as its standard stream.
 */
static int streams_fill(struct error *err)
{
	struct pollfd streams[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	if (poll(streams, 3, 0) <= 0)
		return 0;
	for (int i = 0; i < 3; i++)
		if ((streams[i].revents & POLLNVAL) && open("/dev/null", O_RDWR) < 0)
			return error_set(err, ERROR_SYSTEM, errno, "cannot open /dev/null: %m");
	return 0;
}

/* Engines ask for the help of these two to learn whether they can be used. */
static bool verb_needs_criu(enum verb_id verb)
{
	return verb == VERB_checkpoint || verb == VERB_restore;
}

/* *begun: the command line was understood, and what goes wrong from then on is the verb's. */
static int command_run(
	int argc, char **argv, struct command *command, bool *begun, struct error *err)
{
	int parsed, result;

	result = streams_fill(err);
	if (result < 0)
		return result;
	parsed = command_parse(argc, argv, command, err);
	if (parsed > 0)
		return verb_needs_criu(command->verb) ? criu_check(err) : 0;
	result = report_open(program_name(argv[0]), command->value[OPTION_log],
		command->value[OPTION_log_format], command->given[OPTION_debug], err);
	if (result == 0 && command->value[OPTION_log_level])
		result = report_set_level(command->value[OPTION_log_level], err);
	if (parsed < 0 || result < 0)
		return parsed < 0 ? parsed : result;
	*begun = true;
	if (command->value[OPTION_trace]) {
		result = trace_open(command->value[OPTION_trace], err);
		if (result < 0)
			return result;
	}
	if (command->value[OPTION_bound]) {
		result = bound_begin(command, err);
		if (result < 0)
			return result;
	}
	return verb_rows[command->verb].function(command, err);
}

/* The verb has done what it was asked for, with or without a trace of it. */
static void trace_end(const struct command *command)
{
	struct error err = {0};

	if (command->verb != VERBS && trace_close(verb_rows[command->verb].name, &err) < 0)
		report_warning(NULL, err.message);
}

int main(int argc, char **argv)
{
	static struct command command = {.verb = VERBS};
	struct error err = {0};
	bool begun = false;
	int status;

	if (nsexec_is_gate())
		return nsexec_main();
	status = command_run(argc, argv, &command, &begun, &err);
	trace_end(&command);
	/* ferror: a write that failed on the way has left nothing for fflush to fail with */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status >= 0)
		status = error_set(&err, ERROR_SYSTEM, errno ? errno : EIO,
			"cannot write to the standard output: %m");
	if (status < 0) {
		report_error(command.verb == VERBS ? NULL : verb_rows[command.verb].name, &err);
		status = command.verb == VERB_exec && begun ? EXEC_FAILED
							    : error_code_status(err.code);
	}
	report_close();
#ifndef MYDOCKER_SANITIZED /* whose check for leaks is part of exit() */
	_exit(status);     /* nothing waits for exit(), which would touch pages of its own */
#endif
	return status;
}

/*
 * exec: one more process in a container that exists. What it is comes from --process, or from the
 * container's own process with what the options change; how it gets inside is a plan like any
 * other, whose first descriptor is the container's init.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/confinement.h"
#include "runtime/console.h"
#include "runtime/console_socket.h"
#include "runtime/deadline.h"
#include "runtime/exec_cgroup.h"
#include "runtime/exec_process.h"
#include "runtime/existing.h"
#include "runtime/foreground.h"
#include "runtime/number.h"
#include "runtime/pid_file.h"
#include "runtime/pidfd_socket.h"
#include "runtime/report.h"
#include "runtime/session.h"
#include "runtime/sessions.h"
#include "runtime/trace.h"
#include "state/journal.h"
#include "state/life.h"

#define LAST_MOMENT 200 /* ms between the first sign of a container's end and the end */

static int exec_check(
	const struct existing *existing, const struct command *command, struct error *err)
{
	enum status status = status_derive(&existing->record);

	if (command->value[OPTION_plain_format])
		return error_set(err, ERROR_USAGE, EINVAL, "--format is for exec ls");
	if (status == STATUS_STOPPED)
		return error_set(err, ERROR_STATUS, ESRCH, "cannot exec in a stopped container");
	if (status == STATUS_PAUSED && !command->given[OPTION_ignore_paused])
		return error_set(err, ERROR_STATUS, EBUSY,
			"cannot exec in a paused container (use --ignore-paused to override)");
	if (status == STATUS_CREATING)
		return error_set(err, ERROR_STATUS, EBUSY,
			"cannot exec in a container that is still being created");
	return 0;
}

/* The namespaces that init does not share with us, as the configuration and the record tell. */
static uint32_t exec_namespaces(const struct existing *existing)
{
	const struct spec_config *config = &existing->spec.config;
	uint32_t bits = existing->record.clocks.value ? CLONE_NEWTIME : 0;

	for (uint32_t i = 0; config->linux && i < config->linux->namespaces.count; i++)
		bits |= (uint32_t)config->linux->namespaces.items[i].type.value;
	return bits;
}

/* What the gate compares the root of the mount namespace with: the container's, as it was made. */
static void root_recall(const char *rootfs, struct compile_input *input)
{
	struct stat root;

	if (rootfs == NULL || stat(rootfs, &root) < 0)
		return;
	input->root_device = root.st_dev;
	input->root_inode = root.st_ino;
}

/* Which of the container's cgroups it gets, or with --leaf one of its own. */
static int exec_place(struct existing *existing, const struct command *command,
	struct session *session, struct error *err)
{
	int result;

	if (!command->given[OPTION_leaf])
		return exec_cgroup_choose(existing, &command->values[OPTION_exec_cgroup], err);
	result = session_make(existing, session, err);
	if (result == 0 && !session->number)
		report_warning(NULL,
			"there is no cgroup of version 2 here: "
			"the command has none of its own");
	return result;
}

static int exec_plan(struct existing *existing, const struct command *command,
	const struct spec_process *process, struct session *session, struct compiled *compiled,
	struct error *err)
{
	struct compile_input input;
	int result = existing_input(existing, &input, err);

	if (result == 0)
		result = exec_place(existing, command, session, err);
	input.process = process;
	input.exec = true;
	input.init = existing->record.init.value;
	root_recall(existing->record.rootfs, &input);
	input.exec_namespaces = exec_namespaces(existing);
	input.console = process->terminal.value;
	input.warnings = &existing->spec.warnings;
	input.traced = trace_room();
	if (result == 0)
		result = number_option(
			command, OPTION_preserve_fds, PRESERVE_FDS_MAX, &input.preserve_fds, err);
	if (result == 0)
		result = confinement_check(&existing->spec, process, err);
	if (result == 0)
		result = plan_compile(&input, &existing->spec.arena, compiled, err);
	if (result == 0) {
		trace_plan(compiled, &existing->spec);
		report_warnings(&existing->spec.warnings);
	}
	trace_lap("compile the plan");
	return result;
}

/* Up to the running program; *master is the foreground terminal's, or -1. */
static int exec_begin(
	struct walk *walk, const struct command *command, int ours, int *master, struct error *err)
{
	int result = walk_create(walk, err);

	if (result < 0)
		return result;
	if (ours >= 0) {
		*master = console_receive(ours, err);
		result = *master < 0 ? *master : 0;
	}
	if (result == 0)
		result = pidfd_send(command->value[OPTION_pidfd_socket], walk->pidfd, err);
	if (result == 0)
		result = pid_file_write(command->value[OPTION_pid_file], walk->pid, err);
	if (result == 0)
		result = walk_start(walk, err);
	if (result < 0) {
		walk_undo(walk);
		pid_file_remove();
	}
	return result;
}

/* --timeout, looked at before there is a process; 0: none. */
static int timeout_read(const struct command *command, int64_t *timeout, struct error *err)
{
	int result = duration_option(command, OPTION_timeout, timeout, err);

	if (result < 0 || !command->value[OPTION_timeout])
		return result;
	return *timeout > 0 && *timeout <= INT32_MAX
		? 0
		: error_set(err, ERROR_USAGE, EINVAL, "a timeout is from 1 ms to 24 days");
}

static int exec_walk(struct walk *walk, const struct container *container,
	const struct command *command, const struct spec_process *process, struct session *session,
	struct error *err)
{
	bool detach = command->given[OPTION_detach], terminal = process->terminal.value;
	auto_fd int ours = -1;
	auto_fd int console = -1;
	auto_fd int master = -1;
	auto_fd int told = -1;
	int64_t timeout = 0;
	int result = timeout_read(command, &timeout, err);

	if (result == 0)
		result = console_socket_use(detach, walk->spec, process,
			command->value[OPTION_console_socket], &console, err);

	if (result == 0 && terminal && !detach)
		result = console_pair(&ours, &console, err);
	if (result < 0)
		return result;
	if (!detach)
		foreground_begin();
	walk->console = console;
	result = exec_begin(walk, command, ours, &master, err);
	session_settle(session);
	if (result == 0)
		journal_add(container, "exec", (struct spec_event){.pid = {true, walk->pid}});
	if (result == 0 && timeout > 0)
		result = deadline_begin(walk->pid, walk->pidfd, session->path, timeout, &told, err);
	if (result < 0 || detach)
		return result;
	result = foreground_wait(walk, master, err);
	if (deadline_was_missed(told))
		report_warning(NULL, "the command was killed: its time was over");
	return result;
}

/* The container's root, as its first process has it, for names of users; -1 when that has just
 * ended. */
static int root_open(const struct spec_record *record, int init)
{
	char path[40];
	auto_fd int root = -1;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)record->init.value);
	root = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* a pid that lives after the path was opened was the same before */
	return root >= 0 && sys_pidfd_send_signal(init, 0, 0) == 0 ? fd_take(&root) : -1;
}

/*
 * When a container's first process ends, it gives up what belongs to it and the kernel kills
 * everybody else in it, and only then it is dead: what fails for a command that comes in between is
 * best said by what it means.
 */
static int end_suspect(int init, struct error *err)
{
	static const enum error_code symptoms[] = {
		ERROR_GATE, ERROR_NAMESPACE, ERROR_STEP, ERROR_SYSTEM};
	struct pollfd end = {.fd = init, .events = POLLIN};

	for (size_t i = 0; i < array_size(symptoms); i++)
		if (err->code == symptoms[i] && poll(&end, 1, LAST_MOMENT) > 0) {
			error_clear(err);
			error_set(err, ERROR_STATUS, ESRCH,
				"cannot exec in a stopped container: it has ended meanwhile");
			break;
		}
	return err->number ? -err->number : -EINVAL;
}

static int exec_run(struct existing *existing, const struct command *command, struct error *err)
{
	const struct spec_record *record = &existing->record;
	auto_fd int init = process_open((pid_t)record->init.value, record->init_start.value);
	auto_fd int root = init >= 0 && command->value[OPTION_user] ? root_open(record, init) : -1;
	struct spec_process *process;
	struct session session = SESSION_NONE;
	struct compiled compiled;
	struct walk walk = WALK_NONE;
	int result;

	if (init < 0)
		return error_set(err, ERROR_STATUS, ESRCH, "cannot exec in a stopped container");
	result = exec_process(&existing->spec, root, command, &process, err);
	if (result == 0)
		result = exec_plan(existing, command, process, &session, &compiled, err);
	if (result < 0) {
		session_end(&session);
		return end_suspect(init, err);
	}
	walk.compiled = &compiled;
	walk.spec = &existing->spec;
	walk.cgroups = &record->cgroups;
	walk.root = existing->root;
	walk.process = init;
	if (!command->given[OPTION_exec_cgroup] && !command->given[OPTION_leaf])
		walk.follow = (pid_t)record->init.value;
	walk.unified = cgroup_unified_mount(&existing->cgroup_host);
	walk.unit = existing->cgroup.unit;
	walk.manager = &existing->manager;
	number_option(command, OPTION_preserve_fds, PRESERVE_FDS_MAX, &walk.preserve_fds, err);
	result = exec_walk(&walk, &existing->container, command, process, &session, err);
	walk_free(&walk);
	if (result == 0 && session.number && command->given[OPTION_detach])
		printf("%u\n", session.number);
	else
		session_end(&session);
	return result < 0 ? end_suspect(init, err) : result;
}

int verb_exec(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result =
		existing_enter(&existing, command->value[OPTION_root], command->argv[0], 0, err);

	if (result < 0 && err->code == ERROR_NOT_FOUND && sessions_meant(command)) {
		error_clear(err);
		return sessions_run(command, err);
	}
	if (result == 0)
		result = exec_check(&existing, command, err);
	if (result == 0)
		result = existing_read_spec(&existing, err);
	if (result == 0)
		result = exec_run(&existing, command, err);
	existing_free(&existing);
	return result;
}

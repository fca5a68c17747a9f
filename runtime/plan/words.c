/*
 * What the gate could not do, said to a person. The gate reports three numbers and a path; the
 * sentence comes from the step's kind, the operation from calls.def, the place in the configuration
 * from the plan's provenance, and the advice from the table of what people meet. Engines look for
 * some words in the text, always in lower case: "permission denied", "no such file or directory",
 * "executable file not found in $PATH".
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/hooks.h"
#include "runtime/plan/compile.h"
#include "runtime/plan/fields.h"
#include "runtime/plan/words.h"

static const char *const call_words[WIRE_CALLS] = {
#define CALL(name, words) [WIRE_CALL_##name] = words,
#include "nsexec/calls.def"
#undef CALL
};

/* Which kind of failure a step's is, where it is not ERROR_STEP. */
static const struct {
	enum step_kind kind;
	enum error_code code;
} step_codes[] = {
	{STEP_enter, ERROR_CGROUP},
	{STEP_clone, ERROR_NAMESPACE},
	{STEP_join, ERROR_NAMESPACE},
	{STEP_unshare, ERROR_NAMESPACE},
	{STEP_map, ERROR_NAMESPACE},
	{STEP_hop, ERROR_NAMESPACE},
	{STEP_enter_time, ERROR_NAMESPACE},
	{STEP_rootfs, ERROR_BUNDLE},
	{STEP_hooks, ERROR_HOOK},
	{STEP_hook, ERROR_HOOK},
	{STEP_console, ERROR_CONSOLE},
	{STEP_cwd, ERROR_EXEC},
	{STEP_program, ERROR_EXEC},
	{STEP_seccomp, ERROR_SECCOMP},
	{STEP_exec, ERROR_EXEC},
};

#define NO_ROOT "who makes this is containerID 0, which the mappings of the user namespace lack"

/* What to do about it. The first row that fits; number 0 and call NONE fit everything. */
static const struct hint {
	enum step_kind kind;
	int number;
	enum wire_call call;
	const char *text;
} hints[] = {
	{STEP_oom_score, EACCES, WIRE_CALL_NONE,
		"lowering the score needs CAP_SYS_RESOURCE, which this process does not have"},
	{STEP_unshare, ENOSPC, WIRE_CALL_NONE,
		"the limit in /proc/sys/user/max_*_namespaces is reached"},
	{STEP_unshare, EINVAL, WIRE_CALL_NONE, "the kernel was built without this namespace"},
	{STEP_clone, EINVAL, WIRE_CALL_NONE, "the kernel was built without this namespace"},
	{STEP_join, ENOENT, WIRE_CALL_NONE,
		"does the process or the mount behind the path still exist?"},
	{STEP_hop, EAGAIN, WIRE_CALL_NONE, WORDS_PROCESSES_LIMITED},
	{STEP_hook, EAGAIN, WIRE_CALL_NONE, WORDS_PROCESSES_LIMITED},
	{STEP_keyring, EDQUOT, WIRE_CALL_NONE,
		"the quota in /proc/sys/kernel/keys is used up; --no-new-keyring does without"},
	{STEP_keyring, EINVAL, WIRE_CALL_write, "SELinux does not know the label"},
	{STEP_keyring, ENOSYS, WIRE_CALL_NONE,
		"the kernel has no keyrings; --no-new-keyring does without"},
	{STEP_rootfs, ENOENT, WIRE_CALL_NONE, "the root filesystem is made before the container"},
	{STEP_mount, ELOOP, WIRE_CALL_resolve,
		"proc and sysfs must be mounted on ordinary directory, not where a link leads"},
	{STEP_mount, ENODEV, WIRE_CALL_mount_type,
		"see /proc/filesystems for the types that there are"},
	{STEP_mount, EINVAL, WIRE_CALL_mount_data,
		"the filesystem does not know this option, or not this value"},
	{STEP_mount, ENOENT, WIRE_CALL_clone_tree,
		"the source of a bind mount must exist on the host"},
	{STEP_mount, EPERM, WIRE_CALL_mount_type,
		"in a user namespace only filesystems that it owns can be mounted; a bind mount "
		"may do"},
	{STEP_mount, EPERM, WIRE_CALL_mount_attributes,
		"what the host's mount forbids cannot be allowed again in a user namespace"},
	{STEP_mount, EINVAL, WIRE_CALL_mount_attributes,
		"the filesystem or this kernel may not know this attribute"},
	{STEP_mount, ENOSYS, WIRE_CALL_mount_attributes,
		"before Linux 5.12 a mount that is covered by another cannot be reached"},
	{STEP_mount, ENOSYS, WIRE_CALL_map_ids, "idmapped mounts need Linux 5.12"},
	{STEP_mount, EINVAL, WIRE_CALL_map_ids,
		"this kernel cannot map the ids of this filesystem, or they are mapped already"},
	{STEP_mount, EPERM, WIRE_CALL_map_ids,
		"whoever mounted the filesystem may map its ids, and only once"},
	{STEP_mount, EISDIR, WIRE_CALL_type_mismatch,
		"the source is not a directory: is a file mounted where a directory is?"},
	{STEP_mount, ENOTDIR, WIRE_CALL_type_mismatch, "is a directory mounted where a file is?"},
	{STEP_mount, EOVERFLOW, WIRE_CALL_NONE, NO_ROOT},
	{STEP_mount, 0, WIRE_CALL_outside, "a symbolic link in the image leads out of it"},
	{STEP_device, EOVERFLOW, WIRE_CALL_NONE, NO_ROOT},
	{STEP_device, EPERM, WIRE_CALL_create, "making devices needs CAP_MKNOD on the host"},
	{STEP_device, ENOENT, WIRE_CALL_clone_tree,
		"in a user namespace a device is the host's node of the same path, bound: it must "
		"exist there"},
	{STEP_pivot, EINVAL, WIRE_CALL_NONE,
		"on an initial ramdisk the root cannot be exchanged: use --no-pivot"},
	{STEP_sysctl, ENOENT, WIRE_CALL_NONE,
		"this kernel has no such parameter in this namespace"},
	{STEP_sysctl, EACCES, WIRE_CALL_NONE,
		"the parameter belongs to the host, not to a namespace"},
	{STEP_rlimit, EPERM, WIRE_CALL_NONE,
		"raising a hard limit needs CAP_SYS_RESOURCE, which this process does not have"},
	{STEP_rlimit, EINVAL, WIRE_CALL_NONE, "the soft limit must not be above the hard limit"},
	{STEP_affinity, EINVAL, WIRE_CALL_NONE,
		"none of these CPUs is there, or the cgroup allows none of them"},
	{STEP_scheduler, EPERM, WIRE_CALL_NONE,
		"this policy or nice value needs CAP_SYS_NICE; SCHED_DEADLINE needs all CPUs, too: "
		"such a process scheduler can't be used together with AllowedCPUs "
		"(/linux/resources/cpu/cpus)"},
	{STEP_scheduler, EOPNOTSUPP, WIRE_CALL_NONE, "this kernel has no utilization clamps"},
	{STEP_stdio, EISDIR, WIRE_CALL_NONE,
		"a directory of the host would be a way out of the container"},
	{STEP_label, ENOENT, WIRE_CALL_NONE,
		"no such security module is active, or it has no profile of this name"},
	{STEP_label, EINVAL, WIRE_CALL_NONE,
		"no such security module is active, or it does not know the label"},
	{STEP_user, EINVAL, WIRE_CALL_NONE, "the id has no mapping in the user namespace"},
	{STEP_user, EPERM, WIRE_CALL_NONE,
		"the user namespace forbids supplementary groups or other ids"},
	{STEP_seccomp, EACCES, WIRE_CALL_NONE,
		"without noNewPrivileges loading a filter needs CAP_SYS_ADMIN"},
	{STEP_exec, ENOENT, WIRE_CALL_NONE,
		"the file is there: its interpreter (first line #!) or dynamic loader is missing"},
	{STEP_exec, ENOEXEC, WIRE_CALL_NONE,
		"the file is no program for this machine, or a script without a first line #!"},
};

/* One line of prose: control characters become blanks, the ends are trimmed. */
static void text_flatten(char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
}

/* strerror as engines look for it. */
static const char *error_text(int number, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s", strerror(number));
	buffer[0] = (char)tolower((unsigned char)buffer[0]);
	return buffer;
}

static enum error_code step_code(uint32_t kind)
{
	for (size_t i = 0; i < array_size(step_codes); i++)
		if (step_codes[i].kind == kind)
			return step_codes[i].code;
	return ERROR_STEP;
}

static const char *hint_find(uint32_t kind, const struct wire_failure *failure)
{
	for (size_t i = 0; i < array_size(hints); i++)
		if (hints[i].kind == kind &&
			(hints[i].number == 0 || hints[i].number == failure->error) &&
			(hints[i].call == WIRE_CALL_NONE || hints[i].call == failure->call))
			return hints[i].text;
	return NULL;
}

/* The name by which the program was asked for. */
static const char *program_name(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const struct step_program *program = plan_arguments(plan, step);

		if (step->kind == STEP_program && program->args.count > 0)
			return plan_item(plan, program->args, 0);
	}
	return "";
}

/* Two forms, as engines know them: of a program that was not found, and of one that the kernel
 * refused. */
static void words_program(const struct plan *plan, const struct plan_step *step,
	const struct wire_failure *failure, char *message, size_t size)
{
	char reason[128];

	if (failure->call == WIRE_CALL_lookup && failure->error == ENOENT)
		snprintf(reason, sizeof(reason), "executable file not found in $PATH");
	else
		error_text(failure->error, reason, sizeof(reason));
	if (step->kind == STEP_exec)
		snprintf(message, size, "exec %s: %s", program_name(plan), reason);
	else
		snprintf(message, size, "exec: \"%s\": %s", program_name(plan), reason);
}

/* detail: a number, a blank, the last output. */
static void words_hook(const struct plan *plan, const struct plan_step *step,
	const struct wire_failure *failure, const char *pointer, char *message, size_t size)
{
	const struct step_hook *hook = plan_arguments(plan, step);
	char heading[64], how[64], reason[128], *output;
	long number = strtol(failure->detail, &output, 10);

	output += strspn(output, " \n");
	if (failure->call == WIRE_CALL_exited)
		snprintf(how, sizeof(how), "exited with status %ld", number);
	else if (failure->call == WIRE_CALL_signaled)
		snprintf(how, sizeof(how), "was ended by signal %ld", number);
	else if (failure->call == WIRE_CALL_timed_out)
		snprintf(how, sizeof(how), "was not done after %ld s", number);
	else {
		snprintf(how, sizeof(how), "could not be run: %.40s",
			error_text(failure->error, reason, sizeof(reason)));
		output = "";
	}
	hooks_heading(pointer, heading, sizeof(heading));
	snprintf(message, size, "%s: %s %s%s%s", heading, plan_string(plan, hook->path), how,
		*output != '\0' ? ", having said: " : "", output);
}

static void words_step(const struct plan *plan, const struct plan_step *step,
	const struct wire_failure *failure, char *message, size_t size)
{
	const char *call = failure->call < WIRE_CALLS ? call_words[failure->call] : NULL;
	char subject[300], doing[128] = "", detail[300] = "", reason[128];

	plan_subject(plan, step, subject, sizeof(subject));
	if (call != NULL)
		snprintf(doing, sizeof(doing), ": cannot %s", call);
	if (failure->detail[0] != '\0' && strstr(subject, failure->detail) == NULL)
		snprintf(detail, sizeof(detail), " (%.250s)", failure->detail);
	snprintf(message, size, "cannot %s%s%s%s%s: %s", plan_kinds[step->kind].sentence,
		subject[0] != '\0' ? " " : "", subject, doing, detail,
		error_text(failure->error, reason, sizeof(reason)));
}

/* The file in backquotes: by that engines know that it was a label. */
static void words_label(const struct plan *plan, const struct plan_step *step,
	const struct wire_failure *failure, char *message, size_t size)
{
	const struct step_label *label = plan_arguments(plan, step);
	char reason[128];

	snprintf(message, size, "cannot %s %.250s: cannot write to `/proc/self/attr/%s`: %s",
		plan_kinds[step->kind].sentence, plan_string(plan, label->value),
		plan_string(plan, label->file), error_text(failure->error, reason, sizeof(reason)));
}

static void words_choose(const struct plan *plan, const struct plan_step *step,
	const struct wire_failure *failure, const char *pointer, char *message, size_t size)
{
	char reason[128];

	switch (step->kind) {
	case STEP_program:
	case STEP_exec:
		words_program(plan, step, failure, message, size);
		break;
	case STEP_hook:
		words_hook(plan, step, failure, pointer, message, size);
		break;
	case STEP_label:
		words_label(plan, step, failure, message, size);
		break;
	case STEP_cwd:
		snprintf(message, size, "chdir to cwd (\"%s\") set in config.json failed: %s",
			plan_string(
				plan, ((const struct step_cwd *)plan_arguments(plan, step))->path),
			failure->call == WIRE_CALL_outside
				? "it lies outside the container's root"
				: error_text(failure->error, reason, sizeof(reason)));
		break;
	default:
		words_step(plan, step, failure, message, size);
		break;
	}
	text_flatten(message);
}

int words_for_failure(const struct compiled *compiled, const struct spec *spec,
	const struct wire_failure *failure, struct error *err)
{
	const struct plan *plan = compiled->plan;
	const struct plan_step *step;
	char message[sizeof(err->message)], pointer[sizeof(err->pointer)], reason[128];
	const char *hint;
	int result;

	if (plan == NULL || failure->step >= plan->step_count)
		return error_set(err, ERROR_GATE, failure->error,
			"the container's first process could not begin: %s",
			error_text(failure->error, reason, sizeof(reason)));
	step = &plan_steps(plan)[failure->step];
	plan_pointer(spec, compiled->process, compiled->origins[failure->step].address, pointer,
		sizeof(pointer));
	words_choose(plan, step, failure, pointer, message, sizeof(message));
	result = error_set(err, step_code(step->kind), failure->error, "%s", message);
	error_step(err, "%s", plan_kinds[step->kind].name);
	if (pointer[0] != '\0')
		error_pointer(err, "%s", pointer);
	hint = hint_find(step->kind, failure);
	if (hint != NULL)
		error_hint(err, "%s", hint);
	return result;
}

/*
 * The only door to libseccomp: a profile goes in, a BPF program comes out. The library turns rules
 * into a program for each architecture; what we add is what a profile leaves open. Foreign
 * architectures are killed, never allowed by a default (int 0x80, x32). Names that the library does
 * not know are newer than it, and skipped. And it is asked for the binary tree, which the kernel
 * loads in less than half of the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/seccomp/seccomp.h"
#include "spec/names.h"

#define ARGUMENTS 6
#define DEFAULT_ERRNO EPERM

static void filter_cleanup(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* What the functions below share. */
struct compilation {
	const struct spec *spec;
	const struct spec_seccomp *seccomp;
	scmp_filter_ctx filter;
	uint32_t default_action;
	struct error *err;
};

static int refuse(const struct compilation *c, const void *address, int number, const char *what,
	const char *value)
{
	char pointer[256];

	error_set(c->err, ERROR_SECCOMP, number, "%s %s: %s", what, value, strerror(number));
	if (spec_pointer(c->spec, address, pointer, sizeof(pointer)) == 0)
		error_pointer(c->err, "%s", pointer);
	error_value(c->err, "%s", value);
	return -number;
}

/* An action with its data: both errors and trace messages are EPERM unless the profile says more.
 */
static uint32_t action_word(int64_t action, const struct maybe_uint *data)
{
	uint32_t word = (uint32_t)action;

	if (word == SCMP_ACT_ERRNO(0) || word == SCMP_ACT_TRACE(0))
		word |= (uint32_t)(data->given ? data->value : DEFAULT_ERRNO) & 0xffff;
	return word;
}

static int add_rule(const struct compilation *c, const struct spec_seccomp_rule *rule,
	uint32_t action, int number, const struct scmp_arg_cmp *arguments, unsigned int count,
	const char **name)
{
	int result = seccomp_rule_add_array(c->filter, action, number, count, arguments);

	/* Twice the same rule, or one that an architecture of the profile cannot have. */
	if (result == 0 || result == -EEXIST || result == -EDOM)
		return 0;
	return refuse(c, name != NULL ? (const void *)name : rule, -result,
		"cannot make a rule for", *name);
}

/* True when two conditions are about the same argument: then each is a rule of its own. */
static bool arguments_repeat(const struct spec_seccomp_rule *rule)
{
	unsigned int seen = 0;

	for (uint32_t i = 0; i < rule->args.count; i++) {
		if (seen & 1u << rule->args.items[i].index.value)
			return true;
		seen |= 1u << rule->args.items[i].index.value;
	}
	return false;
}

static int add_rules(const struct compilation *c, const struct spec_seccomp_rule *rule,
	uint32_t action, const char **name)
{
	struct scmp_arg_cmp arguments[ARGUMENTS];
	int number = seccomp_syscall_resolve_name(*name);
	bool apart = arguments_repeat(rule);
	uint32_t count = rule->args.count;
	int result = 0;

	if (number == __NR_SCMP_ERROR)
		return 0;
	for (uint32_t i = 0; i < count && result == 0; i++) {
		const struct spec_seccomp_arg *listed = &rule->args.items[i];
		struct scmp_arg_cmp argument = {
			.arg = (unsigned int)listed->index.value,
			.op = (enum scmp_compare)listed->op.value,
			.datum_a = listed->value.value,
			.datum_b = listed->value_two.value,
		};

		if (apart)
			result = add_rule(c, rule, action, number, &argument, 1, name);
		else
			arguments[i] = argument;
	}
	if (apart || result < 0)
		return result;
	return add_rule(c, rule, action, number, arguments, count, name);
}

static int add_syscalls(const struct compilation *c)
{
	for (uint32_t i = 0; i < c->seccomp->syscalls.count; i++) {
		const struct spec_seccomp_rule *rule = &c->seccomp->syscalls.items[i];
		uint32_t action = action_word(rule->action.value, &rule->errno_ret);

		if (action == c->default_action)
			continue;
		for (uint32_t j = 0; j < rule->names.count; j++) {
			int result = add_rules(c, rule, action, &rule->names.items[j]);

			if (result < 0)
				return result;
		}
	}
	return 0;
}

/*
 * One filter has one byte order, the kernel too: an architecture of the other one makes no system
 * call here, and needs no rules (EDOM).
 */
static int add_architectures(const struct compilation *c)
{
	const struct int_list *listed = &c->seccomp->architectures;

	for (uint32_t i = 0; i < listed->count; i++) {
		int result = seccomp_arch_add(c->filter, (uint32_t)listed->items[i]);

		if (result < 0 && result != -EEXIST && result != -EDOM)
			return refuse(c, &listed->items[i], -result,
				"the library cannot compile for",
				names_word(&names_seccomp_arch, listed->items[i]));
	}
	return 0;
}

/* The highest number that the profile names on an architecture, or -1. */
static int newest_on(const struct spec_seccomp *seccomp, uint32_t arch)
{
	int newest = -1;

	for (uint32_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct string_list *names = &seccomp->syscalls.items[i].names;

		for (uint32_t j = 0; j < names->count; j++) {
			int number = seccomp_syscall_resolve_name_arch(arch, names->items[j]);

			if (number > newest)
				newest = number;
		}
	}
	return newest;
}

/* True for a default that denies, and says other than that a call is not there. */
static bool default_denies(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return (action & SECCOMP_RET_DATA) != ENOSYS;
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
		return true;
	default: /* allowed, or for a tracer or an agent to decide */
		return false;
	}
}

/* The instructions in front of a program that denies what it does not name. */
static uint32_t answer_newer(const struct compilation *c, struct sock_filter *program)
{
	struct seccomp_newest newest[32];
	uint32_t count = 0;

	if (!default_denies(c->default_action))
		return 0;
	for (size_t i = 0; i < names_seccomp_arch.count && count < array_size(newest); i++) {
		uint32_t arch = (uint32_t)names_seccomp_arch.names[i].value;
		int number;

		if (seccomp_arch_exist(c->filter, arch) != 0)
			continue;
		number = newest_on(c->seccomp, arch);
		if (number < 0)
			continue;
		newest[count++] = (struct seccomp_newest){
			.arch = arch == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : arch,
			.x32 = arch == SCMP_ARCH_X32,
			.number = (uint32_t)number,
		};
	}
	return seccomp_newer(newest, count, program);
}

/* The library writes programs to descriptors only. */
static int program_export(const struct compilation *c, struct arena *arena,
	struct sock_filter **program, uint32_t *count)
{
	struct sock_filter newer[SECCOMP_NEWER_MAX];
	uint32_t before = answer_newer(c, newer);
	auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat st;
	int result;

	if (fd < 0)
		return -errno;
	result = seccomp_export_bpf(c->filter, fd);
	if (result < 0)
		return result;
	if (fstat(fd, &st) < 0)
		return -errno;
	*count = (uint32_t)st.st_size / (uint32_t)sizeof(**program);
	if (before + *count > BPF_MAXINSNS)
		before = 0;
	*program = arena_alloc(arena, (before + *count) * sizeof(**program));
	if (*program == NULL)
		return -ENOMEM;
	memcpy(*program, newer, before * sizeof(**program));
	if (pread(fd, *program + before, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	*count += before;
	return 0;
}

int seccomp_compile(const struct spec *spec, const struct spec_seccomp *seccomp,
	struct arena *arena, struct sock_filter **program, uint32_t *count, struct error *err)
{
	uint32_t action = action_word(seccomp->default_action.value, &seccomp->default_errno_ret);
	__attribute__((cleanup(filter_cleanup))) scmp_filter_ctx filter = seccomp_init(action);
	struct compilation c = {.spec = spec,
		.seccomp = seccomp,
		.filter = filter,
		.default_action = action,
		.err = err};
	int result;

	if (filter == NULL)
		return refuse(&c, &seccomp->default_action, EINVAL,
			"the library refuses the action",
			names_word(&names_seccomp_action, seccomp->default_action.value));
	result = add_architectures(&c);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (result == 0)
		result = add_syscalls(&c);
	if (result == 0)
		result = program_export(&c, arena, program, count);
	if (result < 0 && err->code == ERROR_NONE)
		return refuse(&c, seccomp, -result, "cannot compile", "the seccomp profile");
	return result;
}

void seccomp_library(uint32_t words[4])
{
	const struct scmp_version *version = seccomp_version();

	words[0] = version->major;
	words[1] = version->minor;
	words[2] = version->micro;
	words[3] = seccomp_arch_native();
}

bool seccomp_arch_known(const char *word)
{
	__attribute__((cleanup(filter_cleanup))) scmp_filter_ctx filter =
		seccomp_init(SCMP_ACT_ALLOW);
	const struct name *name = names_find(&names_seccomp_arch, word);

	return filter && name && seccomp_arch_exist(filter, (uint32_t)name->value) != -EINVAL;
}

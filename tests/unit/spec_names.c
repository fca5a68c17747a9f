/* The words and their numbers, held against what the kernel and libseccomp have published. */
#include <errno.h>
#include <linux/mount.h>
#include <signal.h>

#include "nsexec/plan.h"
#include "spec/names.h"
#include "tests/unit/tap.h"

static void test_counts(void)
{
	is_number(names_namespace.count, 8, "namespaces");
	is_number(names_capability.count, 41, "capabilities");
	is_number(names_rlimit.count, 16, "limits");
	is_number(names_seccomp_action.count, 9, "seccomp actions");
	is_number(names_seccomp_arch.count, 23, "seccomp architectures");
	for (size_t i = 0; i < names_capability.count; i++)
		if (names_capability.names[i].value != (int64_t)i)
			ok(false, "%s is bit %zu", names_capability.names[i].word, i);
}

static void test_seccomp(void)
{
	static const struct {
		const struct name_set *set;
		const char *word;
		uint32_t value;
	} rows[] = {
		{&names_seccomp_action, "SCMP_ACT_KILL", 0},
		{&names_seccomp_action, "SCMP_ACT_KILL_PROCESS", 0x80000000},
		{&names_seccomp_action, "SCMP_ACT_KILL_THREAD", 0},
		{&names_seccomp_action, "SCMP_ACT_TRAP", 0x00030000},
		{&names_seccomp_action, "SCMP_ACT_ALLOW", 0x7fff0000},
		{&names_seccomp_action, "SCMP_ACT_LOG", 0x7ffc0000},
		{&names_seccomp_action, "SCMP_ACT_NOTIFY", 0x7fc00000},
		{&names_seccomp_action, "SCMP_ACT_ERRNO", 0x00050000},
		{&names_seccomp_action, "SCMP_ACT_TRACE", 0x7ff00000},
		{&names_seccomp_operator, "SCMP_CMP_NE", 1},
		{&names_seccomp_operator, "SCMP_CMP_LT", 2},
		{&names_seccomp_operator, "SCMP_CMP_LE", 3},
		{&names_seccomp_operator, "SCMP_CMP_EQ", 4},
		{&names_seccomp_operator, "SCMP_CMP_GE", 5},
		{&names_seccomp_operator, "SCMP_CMP_GT", 6},
		{&names_seccomp_operator, "SCMP_CMP_MASKED_EQ", 7},
		{&names_seccomp_arch, "SCMP_ARCH_X86", 0x40000003},
		{&names_seccomp_arch, "SCMP_ARCH_X86_64", 0xc000003e},
		{&names_seccomp_arch, "SCMP_ARCH_X32", 0x4000003e},
		{&names_seccomp_arch, "SCMP_ARCH_ARM", 0x40000028},
		{&names_seccomp_arch, "SCMP_ARCH_AARCH64", 0xc00000b7},
		{&names_seccomp_arch, "SCMP_ARCH_MIPS", 0x00000008},
		{&names_seccomp_arch, "SCMP_ARCH_MIPS64", 0x80000008},
		{&names_seccomp_arch, "SCMP_ARCH_MIPS64N32", 0xa0000008},
		{&names_seccomp_arch, "SCMP_ARCH_MIPSEL", 0x40000008},
		{&names_seccomp_arch, "SCMP_ARCH_MIPSEL64", 0xc0000008},
		{&names_seccomp_arch, "SCMP_ARCH_MIPSEL64N32", 0xe0000008},
		{&names_seccomp_arch, "SCMP_ARCH_PPC", 0x00000014},
		{&names_seccomp_arch, "SCMP_ARCH_PPC64", 0x80000015},
		{&names_seccomp_arch, "SCMP_ARCH_PPC64LE", 0xc0000015},
		{&names_seccomp_arch, "SCMP_ARCH_S390", 0x00000016},
		{&names_seccomp_arch, "SCMP_ARCH_S390X", 0x80000016},
		{&names_seccomp_arch, "SCMP_ARCH_PARISC", 0x0000000f},
		{&names_seccomp_arch, "SCMP_ARCH_PARISC64", 0x8000000f},
		{&names_seccomp_arch, "SCMP_ARCH_RISCV64", 0xc00000f3},
		{&names_seccomp_arch, "SCMP_ARCH_LOONGARCH64", 0xc0000102},
		{&names_seccomp_arch, "SCMP_ARCH_M68K", 0x00000004},
		{&names_seccomp_arch, "SCMP_ARCH_SH", 0x4000002a},
		{&names_seccomp_arch, "SCMP_ARCH_SHEB", 0x0000002a},

	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct name *name = names_find(rows[i].set, rows[i].word);

		ok(name != NULL && (uint32_t)name->value == rows[i].value,
			"%s is the number that filters know", rows[i].word);
	}
}

static void test_signals(void)
{
	static const struct {
		const char *word;
		int number; /* -1: none */
	} rows[] = {
		{"TERM", SIGTERM},
		{"SIGTERM", SIGTERM},
		{"sigterm", SIGTERM},
		{"term", SIGTERM},
		{"15", 15},
		{"0", 0},
		{"64", 64},
		{"65", -1},
		{"-1", -1},
		{"", -1},
		{"SIG", -1},
		{"KILL", SIGKILL},
		{"IOT", SIGABRT},
		{"CLD", SIGCHLD},
		{"POLL", SIGIO},
		{"STKFLT", SIGSTKFLT},
		{"RTMIN", 34},
		{"SIGRTMIN+1", 35},
		{"rtmin+30", 64},
		{"RTMIN+31", -1},
		{"RTMIN-1", -1},
		{"RTMIN+", -1},
		{"RTMAX", 64},
		{"RTMAX-14", 50},
		{"RTMAX+1", -1},
		{"RTMIN1", -1},
		{"15x", -1},
		{" 15", -1},
		{"99999999999", -1},
		{"TERMX", -1},
		{"SIGSIGTERM", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int number = -1;
		int status = signal_parse(rows[i].word, &number);

		if (rows[i].number < 0)
			is_number(status, -EINVAL, "\"%s\" is no signal", rows[i].word);
		else
			ok(status == 0 && number == rows[i].number, "\"%s\" is signal %d",
				rows[i].word, rows[i].number);
	}
	is_string(names_word(&names_signal, SIGABRT), "ABRT",
		"the first of several names is printed");
	is_string(names_word(&names_signal, SIGSYS), "SYS", "always");
	is_string(names_word(&names_signal, 0), NULL, "a number without a name has none");
}

static void test_nearest(void)
{
	is_string(names_nearest(&names_namespace, "netwrok"), "network", "two letters exchanged");
	is_string(names_nearest(&names_namespace, "MOUNT"), "mount", "another case");
	is_string(names_nearest(&names_namespace, "ut"), "uts", "one missing");
	is_string(names_nearest(&names_rlimit, "RLIMIT_NOFILES"), "RLIMIT_NOFILE", "one too many");
	is_string(names_nearest(&names_seccomp_action, "SCMP_ACT_ALOW"), "SCMP_ACT_ALLOW",
		"a long one");
	is_string(names_nearest(&names_namespace, "quux"), NULL, "nothing like it");
	is_string(names_nearest(&names_namespace, ""), NULL, "nothing at all");
	is_string(names_nearest(&names_namespace,
			  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			  "aaaaaa"),
		NULL, "something endless");
}

static void test_mount_options(void)
{
	const struct mount_option *option = mount_option_find("noatime");
	size_t listed = 0;

	ok(option->kind == MOUNT_OPTION_ATTRIBUTE && option->set == MOUNT_ATTR_NOATIME &&
			option->clear == MOUNT_ATTR__ATIME && option->ms == MS_NOATIME,
		"noatime sets one choice of atime");
	option = mount_option_find("rrw");
	ok(option->kind == MOUNT_OPTION_RECURSIVE && option->clear == MOUNT_ATTR_RDONLY,
		"rrw clears");
	option = mount_option_find("rslave");
	ok(option->kind == MOUNT_OPTION_PROPAGATION && option->set == (MS_SLAVE | MS_REC),
		"rslave is propagation");
	option = mount_option_find("rbind");
	ok(option->kind == MOUNT_OPTION_EXTRA &&
			option->set == (PLAN_MOUNT_BIND | PLAN_MOUNT_RECURSIVE),
		"rbind is ours");
	ok(mount_option_find("defaults")->kind == MOUNT_OPTION_NOTHING, "defaults is nothing");
	ok(mount_option_find("size=1k") == NULL && mount_option_find("acl") == NULL &&
			mount_option_find("") == NULL,
		"the rest is data");
	for (size_t i = 0; i < mount_option_count; i++) {
		const struct mount_option *row = &mount_options[i];

		listed += row->listed;
		if (mount_option_find(row->word) != row)
			ok(false, "%s is there once", row->word);
		if (row->kind <= MOUNT_OPTION_ATTRIBUTE && row->kind != MOUNT_OPTION_NOTHING &&
			row->ms == 0)
			ok(false, "%s has a twin", row->word);
	}
	is_number(listed, 65, "mount options are listed");
}

int main(void)
{
	test_counts();
	test_seccomp();
	test_signals();
	test_nearest();
	test_mount_options();
	return tap_end();
}

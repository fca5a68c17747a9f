/*
 * Profiles, compiled and loaded for real: a child takes the filter and tries a system call. What
 * the kernel answers is the test.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/seccomp/seccomp.h"
#include "tests/unit/tap.h"

#define UNKNOWN 9999 /* no kernel has so many */
#define X32_BIT 0x40000000L
#define KILLED (-1000)
#define NO_CALL (-1001)

enum way { WAY_64, WAY_32 };

/* One system call and what it should answer: 0 for success, -errno, or KILLED. */
struct trial {
	enum way way;
	long number, first, second;
	int answer;
	const char *what;
};

struct profile {
	const char *json; /* of linux.seccomp */
	struct trial trials[8];
};

static const struct profile profiles[] = {
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	 "{\"names\":[\"getppid\",\"call_of_next_year\"],\"action\":\"SCMP_ACT_ERRNO\","
	 "\"errnoRet\":13},"
	 "{\"names\":[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\"},"
	 "{\"names\":[\"getgid\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
	 "{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
		{{WAY_64, SYS_getpid, 0, 0, 0, "what no rule denies is allowed"},
			{WAY_64, SYS_getppid, 0, 0, -EACCES, "a rule answers with its errno"},
			{WAY_64, SYS_getuid, 0, 0, -EPERM, "which is EPERM when it names none"},
			{WAY_64, SYS_getgid, 0, 0, KILLED, "a rule kills"},
			{WAY_64, UNKNOWN, 0, 0, -ENOSYS, "the kernel answers for what it has not"},
			{WAY_32, 20, 0, 0, KILLED,
				"int 0x80 is no way around a profile of 64 bits"},
			{WAY_64, SYS_getpid + X32_BIT, 0, 0, KILLED, "nor is x32"}}},
	{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\","
	 "\"SCMP_ARCH_X86\"],\"syscalls\":[{\"names\":[\"getpid\",\"exit_group\",\"openat\","
	 "\"statx\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
		{{WAY_64, SYS_getpid, 0, 0, 0, "what the profile lists is allowed"},
			{WAY_64, SYS_getppid, 0, 0, -EPERM,
				"what is older than its newest call is denied"},
			{WAY_64, SYS_statx + 1, 0, 0, -ENOSYS, "what is newer is not there"},
			{WAY_64, UNKNOWN, 0, 0, -ENOSYS, "however new"},
			{WAY_32, 20, 0, 0, 0, "a listed architecture has its own numbers: getpid"},
			{WAY_32, 64, 0, 0, -EPERM, "getppid"},
			{WAY_32, UNKNOWN, 0, 0, -ENOSYS, "and its own newest call"},
			{WAY_64, SYS_getpid + X32_BIT, 0, 0, KILLED, "x32 is not among them"}}},
	{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":["
	 "{\"names\":[\"exit_group\",\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
		{{WAY_64, SYS_getpid, 0, 0, 0, "allowed"},
			{WAY_64, SYS_getppid, 0, 0, -ENOSYS, "the default's own errno"}}},
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	 "{\"names\":[\"getpgid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5,\"args\":["
	 "{\"index\":0,\"value\":4294967295,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
	 "{\"names\":[\"getsid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":6,\"args\":["
	 "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},{\"index\":0,\"value\":0,\"op\":"
	 "\"SCMP_CMP_EQ\"}]},"
	 "{\"names\":[\"getpriority\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,\"args\":["
	 "{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"},{\"index\":1,\"value\":0,\"op\":"
	 "\"SCMP_CMP_NE\"}]}]}",
		{{WAY_64, SYS_getpgid, 0, 0, -EIO, "an argument under a mask"},
			{WAY_64, SYS_getpgid, 1L << 32, 0, -EIO, "high bits do not hide it"},
			{WAY_64, SYS_getpgid, 1, 0, 0, "another argument is none of its business"},
			{WAY_64, SYS_getsid, 0, 0, -ENXIO,
				"two conditions on one argument: this one"},
			{WAY_64, SYS_getsid, 1, 0, -ENXIO, "or that one"},
			{WAY_64, SYS_getpriority, 0, 1, -E2BIG,
				"conditions on two arguments: both"},
			{WAY_64, SYS_getpriority, 0, 0, 0, "or it does not apply"}}},
	{"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":["
	 "{\"names\":[\"exit_group\",\"statx\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
		{{WAY_64, UNKNOWN, 0, 0, -ENOSYS,
			 "for a profile that kills what is newer is not there either"},
			{WAY_64, SYS_getppid, 0, 0, KILLED, "what is older is killed"}}},
	{"{\"defaultAction\":\"SCMP_ACT_TRAP\",\"syscalls\":["
	 "{\"names\":[\"exit_group\",\"statx\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
		{{WAY_64, SYS_statx + 1, 0, 0, -ENOSYS, "nor for one that sends a signal"},
			{WAY_64, SYS_getppid, 0, 0, KILLED, "which older ones get"}}},
};

static long call(const struct trial *trial)
{
	long result;

	if (trial->way == WAY_64) {
		result = syscall(trial->number, trial->first, trial->second);
		return result < 0 ? -errno : 0;
	}
#ifdef __x86_64__
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(trial->number), "b"(trial->first), "c"(trial->second)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result < 0 ? (int)result : 0;
#else
	return -ENOSYS;
#endif
}

/* What the call answers in a child, under the filter if there is one. */
static int answer(const struct trial *trial, const struct sock_fprog *filter)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (filter != NULL &&
			(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
				syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) < 0))
			_exit(255);
		/* Not _exit: under ASan that looks for leaks first, which the filter forbids. */
		syscall(SYS_exit_group, (int)-call(trial));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return NO_CALL;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : NO_CALL;
	return WEXITSTATUS(status) == 255 ? NO_CALL : -WEXITSTATUS(status);
}

static bool profile_compile(
	struct spec *spec, const char *profile, struct arena *arena, struct sock_fprog *filter)
{
	char json[2048];
	struct error err = {0};
	uint32_t count = 0;
	int length = snprintf(json, sizeof(json),
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":%s}}",
		profile);

	if (!ok(spec_decode(spec, json, (size_t)length, &err) == 0 &&
			    seccomp_compile(spec, spec->config.linux->seccomp, arena,
				    &filter->filter, &count, &err) == 0,
		    "%.60s... compiles", profile)) {
		printf("# %s: %s\n", err.pointer, err.message);
		return false;
	}
	seccomp_shorten(arena, &filter->filter, &count);
	filter->len = (unsigned short)count;
	return true;
}

static void check_profile(const struct profile *profile, bool has_32)
{
	struct spec spec = {0};
	struct arena arena = {0};
	struct sock_fprog filter;

	if (profile_compile(&spec, profile->json, &arena, &filter))
		for (const struct trial *t = profile->trials;
			t < profile->trials + array_size(profile->trials) && t->what; t++) {
			if (t->way == WAY_32 && !has_32)
				skip(t->what, "no 32-bit system calls here");
			else
				is_number(answer(t, &filter), t->answer, "%s", t->what);
		}
	arena_free(&arena);
	spec_free(&spec);
}

static void check_refusal(void)
{
	static const char json[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":{"
		"\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\","
		"\"SCMP_ARCH_LOONGARCH64\"]}}}";
	struct spec spec = {0};
	struct arena arena = {0};
	struct error err = {0};
	struct sock_filter *program;
	uint32_t count;

	if (spec_decode(&spec, json, strlen(json), &err) == 0 &&
		seccomp_compile(
			&spec, spec.config.linux->seccomp, &arena, &program, &count, &err) == 0)
		skip("an architecture that the library lacks", "this one has it");
	else
		is_string(err.pointer, "/linux/seccomp/architectures/1",
			"an architecture that the library lacks is refused by its name: %s",
			err.message);
	arena_free(&arena);
	spec_free(&spec);
}

static void check_flags(void)
{
	struct spec_seccomp seccomp = {0};
	int64_t log = SECCOMP_FILTER_FLAG_LOG;

	is_number(seccomp_flags(&seccomp), SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		"without flags speculation is not mitigated, as everywhere");
	seccomp.flags.given = true;
	is_number(seccomp_flags(&seccomp), 0, "an empty list is none");
	seccomp.flags.count = 1;
	seccomp.flags.items = &log;
	is_number(seccomp_flags(&seccomp), SECCOMP_FILTER_FLAG_LOG, "a list is what it says");
}

int main(void)
{
	static const struct trial getpid_32 = {.way = WAY_32, .number = 20};
	bool has_32 = answer(&getpid_32, NULL) == 0;

	for (size_t i = 0; i < array_size(profiles); i++)
		check_profile(&profiles[i], has_32);
	check_refusal();
	check_flags();
	return tap_end();
}

/*
 * Runs a command as if something else were around it, by a filter.
 *
 *   older 5.10 COMMAND...         Linux 5.10, the oldest kernel that mydocker supports: the system
 *                                 calls, flags and requests that are younger are answered as it
 *                                 would. What is in memory (the arguments of clone3 and openat2,
 *                                 files of cgroups) a filter does not see; mydocker's are as old.
 *   older CALL=ERROR COMMAND...   another container, whose profile refuses this call; two numbers
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Since 5.1 a new system call has one number everywhere. */
#define FIRST_MISSING 441
#define X32_BIT 0x40000000U

enum test { ANY_OF, EQUAL, KIND }; /* KIND: of an ioctl's number, and at least */

/* A call that is refused for what one of its arguments is. */
static const struct row {
	uint32_t call;
	uint32_t argument;
	enum test test;
	uint32_t value;
	int error;
} rows[] = {
	{SYS_close_range, 2, ANY_OF, ~(1U << 1), EINVAL}, /* CLOSE_RANGE_CLOEXEC, 5.11 */
	{SYS_memfd_create, 1, ANY_OF, 0x18, EINVAL},      /* MFD_NOEXEC_SEAL, MFD_EXEC, 6.3 */
	{SYS_fsmount, 2, ANY_OF, 0x00200000, EINVAL},     /* MOUNT_ATTR_NOSYMFOLLOW, 5.14 */
	{SYS_fsconfig, 1, EQUAL, 8, EOPNOTSUPP},          /* FSCONFIG_CMD_CREATE_EXCL, 6.6 */
	{SYS_move_mount, 4, ANY_OF, 0x300, EINVAL},       /* SET_GROUP 5.15, BENEATH 6.5 */
	{SYS_pidfd_open, 1, ANY_OF, 0200, EINVAL},        /* PIDFD_THREAD, 6.9 */
	{SYS_pidfd_send_signal, 3, ANY_OF, ~0U, EINVAL},  /* 6.9 */
	{SYS_pidfd_send_signal, 0, EQUAL, (uint32_t)-10000, EBADF}, /* PIDFD_SELF, 6.14 */
	{SYS_pidfd_send_signal, 0, EQUAL, (uint32_t)-10001, EBADF},
	{SYS_seccomp, 1, ANY_OF, 1U << 5, EINVAL},        /* WAIT_KILLABLE_RECV, 5.19 */
	{SYS_set_mempolicy, 0, ANY_OF, 1U << 13, EINVAL}, /* MPOL_F_NUMA_BALANCING, 5.12 */
	{SYS_set_mempolicy, 0, EQUAL, 5, EINVAL},         /* MPOL_PREFERRED_MANY, 5.15 */
	{SYS_set_mempolicy, 0, EQUAL, 6, EINVAL},         /* MPOL_WEIGHTED_INTERLEAVE, 6.9 */
	{SYS_ioctl, 1, KIND, _IO(0xff, 1), ENOTTY},       /* PIDFD_GET_*, 6.9 */
	{SYS_ioctl, 1, KIND, _IO(0xb7, 5), ENOTTY},       /* NS_MNT_GET_INFO and its like, 6.11 */
	{SYS_getsockopt, 2, EQUAL, 77, ENOPROTOOPT},      /* SO_PEERPIDFD, 6.5 */
	{SYS_setsockopt, 2, EQUAL, 76, ENOPROTOOPT},      /* SO_PASSPIDFD, 6.5 */
};

static struct sock_filter filter[256];
static unsigned short count;

static void put(uint16_t code, uint32_t k, uint8_t when_true, uint8_t when_false)
{
	filter[count++] = (struct sock_filter){code, when_true, when_false, k};
}

static void load(size_t offset)
{
	put(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(int error)
{
	put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error, 0, 0);
}

/* Little-endian: the lower half of an argument comes first. Falls through when it is no match. */
static void put_row(const struct row *row)
{
	uint8_t length = row->test == KIND ? 6 : 3;

	load(offsetof(struct seccomp_data, nr));
	put(BPF_JMP | BPF_JEQ | BPF_K, row->call, 0, length);
	load(offsetof(struct seccomp_data, args) + 8 * row->argument);
	if (row->test == KIND) {
		put(BPF_ALU | BPF_AND | BPF_K, 0xffff, 0, 0);
		put(BPF_JMP | BPF_JGE | BPF_K, row->value & 0xffff, 0, 3);
		put(BPF_ALU | BPF_RSH | BPF_K, 8, 0, 0);
		put(BPF_JMP | BPF_JEQ | BPF_K, row->value >> 8 & 0xff, 0, 1);
	} else {
		put(BPF_JMP | (row->test == EQUAL ? BPF_JEQ : BPF_JSET) | BPF_K, row->value, 0, 1);
	}
	answer(row->error);
}

static void put_older(void)
{
	load(offsetof(struct seccomp_data, nr));
	put(BPF_ALU | BPF_AND | BPF_K, ~X32_BIT, 0, 0);
	put(BPF_JMP | BPF_JGE | BPF_K, FIRST_MISSING, 0, 1);
	answer(ENOSYS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_row(&rows[i]);
}

static void put_refused(uint32_t call, int error)
{
	load(offsetof(struct seccomp_data, nr));
	put(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
	answer(error);
}

static int filter_load(void)
{
	struct sock_fprog program = {.filter = filter};

	put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = count;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	unsigned int call;
	int error;

	if (argc > 2 && strcmp(argv[1], "5.10") == 0) {
		put_older();
	} else if (argc > 2 && sscanf(argv[1], "%u=%d", &call, &error) == 2) {
		put_refused(call, error);
	} else {
		fprintf(stderr, "usage: older 5.10|CALL=ERROR COMMAND...\n");
		return 125;
	}
	if (filter_load() < 0) {
		perror("older: cannot load the filter");
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

/* System calls newer than the C libraries that build us, as thin functions: -1 and errno, as libc
 * does. */
#pragma once

#include <errno.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static inline int sys_openat2(
	int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static inline int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static inline int sys_move_mount(
	int from, const char *from_path, int to, const char *to_path, unsigned int flags)
{
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

static inline int sys_fsopen(const char *type, unsigned int flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

static inline int sys_fsconfig(
	int fd, unsigned int command, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}

static inline int sys_fsmount(int fd, unsigned int flags, unsigned int attributes)
{
	return (int)syscall(SYS_fsmount, fd, flags, attributes);
}

static inline int sys_fspick(int dirfd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_fspick, dirfd, path, flags);
}

static inline int sys_mount_setattr(
	int dirfd, const char *path, unsigned int flags, struct mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_clone3(struct clone_args *args)
{
	return (int)syscall(SYS_clone3, args, sizeof(*args));
}

static inline int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* Closes a row of descriptors, in one go where that can be. */
static inline void sys_close_row(int first, int last)
{
	if (sys_close_range((unsigned int)first, (unsigned int)last, 0) == 0)
		return;
	for (int fd = first; fd <= last; fd++)
		close(fd);
}

static inline int sys_execveat(
	int dirfd, const char *path, char *const *argv, char *const *envp, int flags)
{
	return (int)syscall(SYS_execveat, dirfd, path, argv, envp, flags);
}

static inline int sys_pidfd_open(int pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int sys_pidfd_send_signal(int pidfd, int signal, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, flags);
}

/* A memfd that can never be executed, so that every vm.memfd_noexec allows it. */
static inline int sys_memfd(const char *name, unsigned int flags)
{
	int fd = (int)syscall(SYS_memfd_create, name, flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* Linux before 6.3 */
		fd = (int)syscall(SYS_memfd_create, name, flags);
	return fd;
}

/*
 * The ids of this one thread, without the signals by which libc tells other threads. The kernel's
 * 32-bit ports keep 16-bit calls under the plain names.
 */
#ifdef SYS_setresuid32
#define SYS_IDS(name) SYS_##name##32
#else
#define SYS_IDS(name) SYS_##name
#endif

static inline int sys_setresuid(uint32_t uid)
{
	return (int)syscall(SYS_IDS(setresuid), uid, uid, uid);
}

static inline int sys_setresgid(uint32_t gid)
{
	return (int)syscall(SYS_IDS(setresgid), gid, gid, gid);
}

static inline int sys_setgroups(size_t count, const uint32_t *groups)
{
	return (int)syscall(SYS_IDS(setgroups), count, groups);
}

/*
 * The id of the mount that fd is on: statx(2)'s stx_mnt_id, which older C libraries do not know.
 * struct statx is 256 bytes long.
 */
static inline int sys_mount_id(int fd, uint64_t *id)
{
	enum { EMPTY_PATH = 0x1000, MNT_ID = 0x1000, MNT_ID_AT = 0x90 };
	uint64_t statx[32];

	if (syscall(SYS_statx, fd, "", EMPTY_PATH, MNT_ID, statx) < 0)
		return -1;
	*id = statx[MNT_ID_AT / sizeof(uint64_t)];
	return 0;
}

/* 1 when fd is the root of a mount, 0 when not, -1 when the kernel cannot tell. */
static inline int sys_mount_root(int fd)
{
	enum { EMPTY_PATH = 0x1000, ATTRIBUTES_AT = 0x8, MOUNT_ROOT = 0x2000 };
	uint64_t statx[32];

	if (syscall(SYS_statx, fd, "", EMPTY_PATH, 0, statx) < 0)
		return -1;
	return (statx[ATTRIBUTES_AT / sizeof(uint64_t)] & MOUNT_ROOT) != 0;
}

/* As getrlimit and setrlimit, without what libc needs for kernels and threads that we have not. */
static inline int sys_prlimit(int resource, const struct rlimit *new, struct rlimit *old)
{
	_Static_assert(sizeof(rlim_t) == sizeof(uint64_t), "the kernel's struct rlimit64");

	return (int)syscall(SYS_prlimit64, 0, resource, new, old);
}

/* Two names of one directory change their files. */
static inline int sys_rename_exchange(int dir, const char *one, const char *other)
{
	return (int)syscall(SYS_renameat2, dir, one, dir, other, 1u << 1 /* RENAME_EXCHANGE */);
}

/* Default disposition: an action of zeros, whatever order an architecture keeps its members in. */
static inline int sys_signal_default(int number)
{
	static const uint64_t zeros[8];

	return (int)syscall(SYS_rt_sigaction, number, zeros, NULL, (_NSIG - 1) / 8);
}

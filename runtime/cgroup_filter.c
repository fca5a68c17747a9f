/* Loading the device program of cgroup v2: bpf(2) has no function in libc. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_file.h"

static int sys_bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int program_load(const void *program, uint32_t length)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)program,
		.insn_cnt = length / (uint32_t)sizeof(struct bpf_insn),
		.license = (uintptr_t) "",
	};

	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* Kernels before 5.11 charge programs to RLIMIT_MEMLOCK: raised for the one call, and only when it
 * is asked for. */
static int program_load_unlimited(const void *program, uint32_t length)
{
	struct rlimit limit, unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	int fd = program_load(program, length);

	if (fd >= 0 || errno != EPERM || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
		setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0)
		return fd;
	fd = program_load(program, length);
	setrlimit(RLIMIT_MEMLOCK, &limit);
	return fd;
}

int cgroup_filter(const char *directory, const void *program, uint32_t length, struct error *err)
{
	auto_fd int cgroup = cgroup_file_open(directory, "", O_RDONLY | O_DIRECTORY);
	auto_fd int filter = -1;
	union bpf_attr attr;

	if (cgroup < 0)
		return error_set(err, ERROR_CGROUP, -cgroup, "cannot open the cgroup %s: %s",
			directory, strerror(-cgroup));
	filter = program_load_unlimited(program, length);
	if (filter < 0)
		return error_set(err, ERROR_CGROUP, errno,
			"the kernel refuses the device filter of %s: %s", directory,
			strerror(errno));
	/* ALLOW_MULTI: filters of the cgroups above, and ones that others attach here, hold as
	 * well. */
	attr = (union bpf_attr){.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)filter,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI};
	if (sys_bpf(BPF_PROG_ATTACH, &attr) < 0)
		return error_set(err, ERROR_CGROUP, errno,
			"cannot attach the device filter to %s: %s", directory, strerror(errno));
	return 0;
}

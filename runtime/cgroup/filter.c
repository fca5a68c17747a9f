/*
 * Loading the device program of cgroup v2: bpf(2) has no function in libc. Others may attach theirs
 * to the same cgroup (systemd does), so ours has a name by which it is found again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"

#define PROGRAM_NAME "mydocker"
#define PROGRAMS_MAX 64 /* that the kernel lets be attached to one cgroup */

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
		.prog_name = PROGRAM_NAME,
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

static bool program_is_ours(int program)
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr = {
		.info = {.bpf_fd = (uint32_t)program,
			.info_len = sizeof(info),
			.info = (uintptr_t)&info},
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strcmp(info.name, PROGRAM_NAME) == 0;
}

/* Our program among those that are attached to a cgroup: a descriptor, or -1. */
static int program_find(int cgroup)
{
	uint32_t ids[PROGRAMS_MAX] = {0};
	union bpf_attr query = {
		.query = {.target_fd = (uint32_t)cgroup,
			.attach_type = BPF_CGROUP_DEVICE,
			.prog_ids = (uintptr_t)ids,
			.prog_cnt = PROGRAMS_MAX},
	};

	if (sys_bpf(BPF_PROG_QUERY, &query) < 0)
		return -1;
	for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
		union bpf_attr attr = {.prog_id = ids[i]};
		auto_fd int program = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);

		if (program >= 0 && program_is_ours(program))
			return fd_take(&program);
	}
	return -1;
}

/* ALLOW_MULTI: filters of the cgroups above, and ones that others attach here, hold as well. */
static int program_attach(int cgroup, int program, int former)
{
	union bpf_attr attr = {
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};

	if (former >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)former;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr);
}

static int program_detach(int cgroup, int program)
{
	union bpf_attr attr = {
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
	};

	return program < 0 ? 0 : sys_bpf(BPF_PROG_DETACH, &attr);
}

int cgroup_filter(const char *directory, const void *program, uint32_t length, struct error *err)
{
	auto_fd int cgroup = cgroup_file_open(directory, "", O_RDONLY | O_DIRECTORY);
	auto_fd int former = cgroup < 0 ? -1 : program_find(cgroup);
	auto_fd int filter = -1;
	int r;

	if (cgroup < 0)
		return error_set(err, ERROR_CGROUP, -cgroup, "cannot open the cgroup %s: %s",
			directory, strerror(-cgroup));
	if (length > 0) {
		filter = program_load_unlimited(program, length);
		if (filter < 0)
			return error_set(err, ERROR_CGROUP, errno,
				"the kernel refuses the device filter of %s: %s", directory,
				strerror(errno));
	}
	r = length > 0 ? program_attach(cgroup, filter, former) : program_detach(cgroup, former);
	if (r < 0)
		return error_set(err, ERROR_CGROUP, errno,
			"cannot attach the device filter to %s: %s", directory, strerror(errno));
	return 0;
}

bool cgroup_filter_is_attached(const char *directory)
{
	auto_fd int cgroup = openat(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int program = cgroup < 0 ? -1 : program_find(cgroup);

	return program >= 0;
}

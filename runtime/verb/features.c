/*
 * features: what the tables can decode is printed from the tables; what only the build, its
 * libraries and this kernel know is added here. A flag of seccomp counts when the kernel takes it,
 * which it says without loading anything.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/seccomp/seccomp.h"
#include "runtime/unit/manager.h"
#include "runtime/verb/verbs.h"
#include "spec/features.h"
#include "spec/names.h"

/* A program at address 0 is refused with EFAULT, but only after the flags have been accepted. */
static bool seccomp_flag_known(uint64_t flag)
{
	if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 && errno == EFAULT;
}

static uint64_t seccomp_flags_known(void)
{
	uint64_t known = 0;

	for (size_t i = 0; i < names_seccomp_flag.count; i++) {
		uint64_t flag = (uint64_t)names_seccomp_flag.names[i].value;

		if (seccomp_flag_known(flag))
			known |= flag;
	}
	return known;
}

int verb_features(const struct command *command, struct error *err)
{
	/* Every annotation that is read: for CRIU, by stop, and for a unit of systemd. */
	static const char *const annotations[] = {"org.criu.config",
		"org.opencontainers.image.stopSignal", "org.systemd.property.", NULL};
	struct arena arena = {0};
	uint32_t library[4];
	char version[32];
	struct features_build build = {
		.version = MYDOCKER_VERSION,
		.commit = MYDOCKER_COMMIT,
		.libseccomp = version,
		.seccomp_arch_known = seccomp_arch_known,
		.seccomp_flags = seccomp_flags_known(),
		.cgroup_v1 = true,
		.cgroup_v2 = true,
		.cgroup_systemd = manager_available(),
		.cgroup_systemd_user = manager_available(),
		.cgroup_rdma = true,
		.apparmor = true,
		.selinux = true,
		.idmap = true,
		.unsafe = annotations,
	};
	const char *text;

	seccomp_library(library);
	snprintf(version, sizeof(version), "%u.%u.%u", library[0], library[1], library[2]);
	text = spec_features(&arena, &build, err);
	if (text)
		fputs(text, stdout);
	arena_free(&arena);
	return text ? 0 : -err->number;
}

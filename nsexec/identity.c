/*
 * Who the program is and what it may do. Each change is followed by a question to the kernel
 * whether it is so: a runtime that only believes it gave up its rights is worse than one that
 * fails.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "nsexec/syscalls.h"

/* The container's own /dev/null, opened; -1 where it has none. */
static int null_open(struct gate *gate)
{
	char path[sizeof("self/fd/") + NUMBER_SIZE] = "self/fd/";
	int null = gate_null(gate), proc = gate_proc(gate);

	if (null < 0 || proc < 0)
		return -1;
	number_write(path + strlen(path), (uint64_t)null);
	return openat(proc, path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/*
 * A stream that is the host's /dev/null becomes the container's own: whoever is root here could
 * change the mode and owner of the other one. Where the container has none, it stays.
 */
int gate_stdio(struct gate *gate, const struct step_stdio *s)
{
	auto_late int null = -1;

	for (int fd = 0; fd <= 2; fd++) {
		struct stat status;

		if (fstat(fd, &status) < 0)
			continue;
		/* CVE-2024-21626's kind: from a directory of the host every other can be reached.
		 */
		if (S_ISDIR(status.st_mode))
			return gate_failed(gate, WIRE_CALL_NONE, EISDIR, NULL);
		if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) {
			null = null >= 0 ? null : null_open(gate);
			if (null >= 0)
				dup2(null, fd);
			continue;
		}
		/* Somebody else's file, an id without a mapping, a read-only place: left as it is.
		 */
		if (s->uid >= 0 && status.st_uid != (uid_t)s->uid &&
			fchown(fd, (uid_t)s->uid, (gid_t)-1) < 0 && errno != EPERM &&
			errno != EINVAL && errno != EROFS)
			return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	}
	return 0;
}

int gate_label(struct gate *gate, const struct step_label *s)
{
	static const char directory[] = "self/attr/";
	const char *file = plan_string(gate->plan, s->file);
	size_t length = strlen(file);
	char path[64];

	if (sizeof(directory) + length > sizeof(path))
		return gate_failed(gate, WIRE_CALL_open, ENAMETOOLONG, file);
	memcpy(path, directory, sizeof(directory));
	memcpy(path + sizeof(directory) - 1, file, length + 1);
	return gate_proc_write(gate, path, plan_string(gate->plan, s->value));
}

/* A set of capabilities as capget and capset carry them: two halves. */
struct capability_sets {
	struct __user_cap_data_struct half[2];
};

static int capability_get(struct capability_sets *sets)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return (int)syscall(SYS_capget, &header, sets->half);
}

static int capability_set(const struct capability_sets *sets)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return (int)syscall(SYS_capset, &header, sets->half);
}

/* Drops from the bounding set what is not in bounding. */
static int bounding_drop(struct gate *gate, uint64_t bounding)
{
	for (unsigned int capability = 0; capability < 64; capability++) {
		char digits[NUMBER_SIZE];

		if ((bounding >> capability & 1) || prctl(PR_CAPBSET_DROP, capability) == 0)
			continue;
		if (errno == EINVAL) /* beyond the last one that this kernel knows */
			return 0;
		if (errno == EPERM && prctl(PR_CAPBSET_READ, capability) == 0)
			continue;
		number_write(digits, capability);
		return gate_failed(gate, WIRE_CALL_capability, EPERM, digits);
	}
	return 0;
}

/* Makes effective again what survived the change of ids; later steps still need it. */
static int effective_restore(void)
{
	struct capability_sets sets;

	if (capability_get(&sets) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		sets.half[i].effective = sets.half[i].permitted;
	return capability_set(&sets);
}

static int ids_verify(uint32_t uid, uint32_t gid)
{
	uid_t uids[3];
	gid_t gids[3];

	if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
		getresgid(&gids[0], &gids[1], &gids[2]) < 0)
		return 0;
	for (int i = 0; i < 3; i++)
		if (uids[i] != uid || gids[i] != gid)
			return 0;
	return 1;
}

int gate_user(struct gate *gate, const struct step_user *s)
{
	uint32_t uid = (uint32_t)s->uid, gid = (uint32_t)s->gid;
	uint32_t count = s->groups.length / sizeof(uint32_t);
	char digits[NUMBER_SIZE];
	int result = bounding_drop(gate, s->bounding);

	if (result < 0)
		return result;
	/* EPERM: a user namespace that forbids setgroups; no groups are wanted, none can be shed.
	 */
	if (sys_setgroups(count, plan_data(gate->plan, s->groups)) < 0 &&
		(errno != EPERM || count > 0))
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	number_write(digits, gid);
	if (sys_setresgid(gid) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, digits);
	number_write(digits, uid);
	if ((uid != 0 && prctl(PR_SET_KEEPCAPS, 1) < 0) || sys_setresuid(uid) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, digits);
	if (!ids_verify(uid, gid))
		return gate_failed(gate, WIRE_CALL_verify, EPERM, digits);
	if (uid != 0 && effective_restore() < 0)
		return gate_failed(gate, WIRE_CALL_capability, 0, NULL);
	gate_shield(gate);
	return 0;
}

int gate_capabilities(struct gate *gate, const struct step_capabilities *s)
{
	struct capability_sets wanted, actual;

	for (int i = 0; i < 2; i++) {
		wanted.half[i].effective = (uint32_t)(s->effective >> 32 * i);
		wanted.half[i].permitted = (uint32_t)(s->permitted >> 32 * i);
		/* CVE-2022-29162: exactly what was asked for, which is usually nothing. */
		wanted.half[i].inheritable = (uint32_t)(s->inheritable >> 32 * i);
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		capability_set(&wanted) < 0)
		return gate_failed(gate, WIRE_CALL_NONE, 0, NULL);
	for (unsigned int capability = 0; capability < 64; capability++) {
		char digits[NUMBER_SIZE];

		if (!(s->ambient >> capability & 1) ||
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)
			continue;
		number_write(digits, capability);
		return gate_failed(gate, WIRE_CALL_capability, 0, digits);
	}
	if (capability_get(&actual) < 0 || memcmp(&actual, &wanted, sizeof(wanted)) != 0)
		return gate_failed(gate, WIRE_CALL_verify, EPERM, NULL);
	return 0;
}

/*
 * The plan's fields are named and typed in steps.def; what their numbers mean is known to the
 * kernel and to names.def. The table below joins the two, so that a plan reads "noexec,nodev" where
 * the gate sees 0xc.
 */
#include "runtime/plan/readings.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

#define SET_OF(set, ...) \
	static const struct name set##_words[] = {__VA_ARGS__}; \
	static const struct name_set set = {#set, array_size(set##_words), set##_words};

SET_OF(attributes, {"ro", MOUNT_ATTR_RDONLY}, {"nosuid", MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV}, {"noexec", MOUNT_ATTR_NOEXEC}, {"noatime", MOUNT_ATTR_NOATIME},
	{"strictatime", MOUNT_ATTR_STRICTATIME}, {"nodiratime", MOUNT_ATTR_NODIRATIME},
	{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW})
SET_OF(cleared, {"ro", MOUNT_ATTR_RDONLY}, {"nosuid", MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV}, {"noexec", MOUNT_ATTR_NOEXEC}, {"atime", MOUNT_ATTR__ATIME},
	{"nodiratime", MOUNT_ATTR_NODIRATIME}, {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW})
SET_OF(superblock, {"ro", MS_RDONLY}, {"sync", MS_SYNCHRONOUS}, {"dirsync", MS_DIRSYNC},
	{"mand", MS_MANDLOCK}, {"silent", MS_SILENT}, {"iversion", MS_I_VERSION},
	{"lazytime", MS_LAZYTIME})
SET_OF(extras, {"rbind", PLAN_MOUNT_BIND | PLAN_MOUNT_RECURSIVE}, {"bind", PLAN_MOUNT_BIND},
	{"tmpcopyup", PLAN_MOUNT_TMPCOPYUP}, {"remount", PLAN_MOUNT_REMOUNT},
	{"readonly-late", PLAN_MOUNT_READONLY_LATE}, {"ridmap", PLAN_MOUNT_IDMAP_RECURSIVE},
	{"src-nofollow", PLAN_MOUNT_SOURCE_NOFOLLOW}, {"dest-nofollow", PLAN_MOUNT_TARGET_NOFOLLOW},
	{"copy-symlink", PLAN_MOUNT_COPY_SYMLINK}, {"fallback-bind", PLAN_MOUNT_FALLBACK_BIND})

static const struct reading readings[] = {
	{STEP_clone, "namespaces", PLAN_STYLE_BITS, &names_namespace},
	{STEP_join, "type", PLAN_STYLE_BITS, &names_namespace},
	{STEP_unshare, "types", PLAN_STYLE_BITS, &names_namespace},
	{STEP_map, "deny_setgroups", PLAN_STYLE_FLAG, NULL},
	{STEP_propagation, "flags", PLAN_STYLE_WORD, &names_propagation},
	{STEP_rootfs, "propagation", PLAN_STYLE_WORD, &names_propagation},
	{STEP_rootfs, "bare", PLAN_STYLE_FLAG, NULL},
	{STEP_pivot, "propagation", PLAN_STYLE_WORD, &names_propagation},
	{STEP_pivot, "chroot", PLAN_STYLE_FLAG, NULL},
	{STEP_mount, "flags", PLAN_STYLE_BITS, &superblock},
	{STEP_mount, "set", PLAN_STYLE_BITS, &attributes},
	{STEP_mount, "clear", PLAN_STYLE_BITS, &cleared},
	{STEP_mount, "rset", PLAN_STYLE_BITS, &attributes},
	{STEP_mount, "rclear", PLAN_STYLE_BITS, &cleared},
	{STEP_mount, "extras", PLAN_STYLE_BITS, &extras},
	{STEP_mount, "tree", PLAN_STYLE_DECIMAL, NULL},
	{STEP_device, "type", PLAN_STYLE_WORD, &names_device_type},
	{STEP_device, "mode", PLAN_STYLE_OCTAL, NULL},
	{STEP_device, "bind", PLAN_STYLE_FLAG, NULL},
	{STEP_hook, "timeout", PLAN_STYLE_FLAG, NULL},
	{STEP_rlimit, "resource", PLAN_STYLE_WORD, &names_rlimit},
	{STEP_rlimit, "soft", PLAN_STYLE_DECIMAL, NULL},
	{STEP_rlimit, "hard", PLAN_STYLE_DECIMAL, NULL},
	{STEP_scheduler, "policy", PLAN_STYLE_WORD, &names_scheduler_policy},
	{STEP_scheduler, "flags", PLAN_STYLE_BITS, &names_scheduler_flag},
	{STEP_scheduler, "runtime", PLAN_STYLE_DECIMAL, NULL},
	{STEP_scheduler, "deadline", PLAN_STYLE_DECIMAL, NULL},
	{STEP_scheduler, "period", PLAN_STYLE_DECIMAL, NULL},
	{STEP_resctrl, "create", PLAN_STYLE_FLAG, NULL},
	{STEP_affinity, "cpus", PLAN_STYLE_SET, NULL},
	{STEP_memory_policy, "nodes", PLAN_STYLE_SET, NULL},
	{STEP_personality, "domain", PLAN_STYLE_WORD, &names_personality_domain},
	{STEP_user, "groups", PLAN_STYLE_IDS, NULL},
	{STEP_user, "bounding", PLAN_STYLE_RANK, &names_capability},
	{STEP_umask, "mask", PLAN_STYLE_OCTAL, NULL},
	{STEP_seccomp, "flags", PLAN_STYLE_BITS, &names_seccomp_flag},
	{STEP_capabilities, "effective", PLAN_STYLE_RANK, &names_capability},
	{STEP_capabilities, "permitted", PLAN_STYLE_RANK, &names_capability},
	{STEP_capabilities, "inheritable", PLAN_STYLE_RANK, &names_capability},
	{STEP_capabilities, "ambient", PLAN_STYLE_RANK, &names_capability},
	{STEP_exec, "preserve", PLAN_STYLE_FLAG, NULL},
};

struct reading reading_find(const struct plan_step *step, const struct plan_field *field)
{
	for (size_t i = 0; i < array_size(readings); i++)
		if (readings[i].kind == step->kind && strcmp(readings[i].member, field->name) == 0)
			return readings[i];
	return (struct reading){.style = PLAN_STYLE_PLAIN};
}

const char *reading_take(const struct reading *reading, uint64_t *bits)
{
	for (size_t i = 0; i < reading->words->count; i++) {
		const struct name *name = &reading->words->names[i];
		uint64_t value = (uint64_t)name->value;

		if (reading->style == PLAN_STYLE_RANK)
			value = 1ULL << name->value;
		if (value == 0 || (*bits & value) != value)
			continue;
		*bits &= ~value;
		return name->word;
	}
	return NULL;
}

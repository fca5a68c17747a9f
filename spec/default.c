/*
 * The configuration that `spec` writes is a structure like any other and goes through the encoder,
 * so that it can never hold what the decoder would not take. It asks for what runc's does.
 */
#include <linux/sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "spec/spec.h"

#define INDENT 4

#define STRINGS_OF(...) \
	{ \
		.count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *), \
		.given = true, .items = (const char *[]) \
		{ \
			__VA_ARGS__ \
		} \
	}
#define LIST_OF(array) \
	{ \
		.count = array_size(array), .given = true, .items = (array) \
	}
#define GIVEN(number) \
	{ \
		.given = true, .value = (number) \
	}

static struct spec_process process = {
	.terminal = GIVEN(true),
	.user = &(struct spec_user){.uid = GIVEN(0), .gid = GIVEN(0)},
	.args = STRINGS_OF("sh"),
	.env = STRINGS_OF(
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"),
	.cwd = "/",
	.capabilities =
		&(struct spec_capabilities){
			.bounding =
				STRINGS_OF("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"),
			.permitted =
				STRINGS_OF("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"),
			.effective =
				STRINGS_OF("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"),
		},
	.rlimits = {.count = 1,
		.items = &(struct spec_rlimit){.type = GIVEN(RLIMIT_NOFILE),
			.hard = GIVEN(1024),
			.soft = GIVEN(1024)}},
	.no_new_privileges = GIVEN(true),
};

static struct spec_mount mounts[] = {
	{.destination = "/proc", .type = "proc", .source = "proc"},
	{.destination = "/dev",
		.type = "tmpfs",
		.source = "tmpfs",
		.options = STRINGS_OF("nosuid", "strictatime", "mode=755", "size=65536k")},
	{.destination = "/dev/pts",
		.type = "devpts",
		.source = "devpts",
		.options = STRINGS_OF(
			"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")},
	{.destination = "/dev/shm",
		.type = "tmpfs",
		.source = "shm",
		.options = STRINGS_OF("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")},
	{.destination = "/dev/mqueue",
		.type = "mqueue",
		.source = "mqueue",
		.options = STRINGS_OF("nosuid", "noexec", "nodev")},
	{.destination = "/sys",
		.type = "sysfs",
		.source = "sysfs",
		.options = STRINGS_OF("nosuid", "noexec", "nodev", "ro")},
	{.destination = "/sys/fs/cgroup",
		.type = "cgroup",
		.source = "cgroup",
		.options = STRINGS_OF("nosuid", "noexec", "nodev", "relatime", "ro")},
};

/* Without a network namespace of its own nobody but root may mount sysfs: the host's is shown. */
static const struct spec_mount rootless_sys = {
	.destination = "/sys",
	.type = "none",
	.source = "/sys",
	.options = STRINGS_OF("rbind", "nosuid", "noexec", "nodev", "ro"),
};

static struct spec_device_rule deny_all = {.allow = GIVEN(false), .access = "rwm"};

static struct spec_resources resources = {.devices = {.count = 1, .items = &deny_all}};

static struct string_list masked_paths = STRINGS_OF("/proc/acpi", "/proc/asound", "/proc/kcore",
	"/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug", "/sys/firmware", "/proc/scsi");

static struct string_list readonly_paths =
	STRINGS_OF("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

/* What a caller who is not root has to do without. */
static void mounts_limit(struct spec_mount *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].destination, "/sys") == 0)
			list[i] = rootless_sys;
		if (strcmp(list[i].destination, "/dev/pts") == 0)
			list[i].options.count--; /* gid=5, the last one, is not mapped */
	}
}

const char *spec_default(struct arena *arena, bool rootless, bool cgroup, struct error *err)
{
	struct spec_namespace namespaces[] = {
		{.type = GIVEN(CLONE_NEWPID)},
		{.type = GIVEN(rootless ? CLONE_NEWUSER : CLONE_NEWNET)},
		{.type = GIVEN(CLONE_NEWIPC)}, {.type = GIVEN(CLONE_NEWUTS)},
		{.type = GIVEN(CLONE_NEWNS)}, {.type = GIVEN(CLONE_NEWCGROUP)}, /* the last one */
	};
	struct spec_id_mapping uid = {
		.container_id = GIVEN(0), .host_id = GIVEN(geteuid()), .size = GIVEN(1)};
	struct spec_id_mapping gid = {
		.container_id = GIVEN(0), .host_id = GIVEN(getegid()), .size = GIVEN(1)};
	struct spec_linux linux = {
		.uid_mappings = {.count = rootless, .items = &uid},
		.gid_mappings = {.count = rootless, .items = &gid},
		.namespaces = {.count = array_size(namespaces) - !cgroup,
			.given = true,
			.items = namespaces},
		.resources = rootless ? NULL : &resources,
		.masked_paths = masked_paths,
		.readonly_paths = readonly_paths,
	};
	struct spec_root root = {.path = "rootfs", .readonly = GIVEN(true)};
	struct spec_mount list[array_size(mounts)];
	struct spec_config config = {
		.oci_version = SPEC_VERSION,
		.process = &process,
		.root = &root,
		.hostname = "mydocker",
		.mounts = LIST_OF(list),
		.linux = &linux,
	};

	memcpy(list, mounts, sizeof(list));
	if (rootless)
		mounts_limit(list, array_size(list));
	return table_encode(&spec_config_table, &config, INDENT, arena, NULL, err);
}

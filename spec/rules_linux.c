/* Rules about namespaces and what needs them: whatever has none of its own would change the host.
 */
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "spec/rules.h"

#define MEMORY_NODES 1024 /* 1 << CONFIG_NODES_SHIFT at most */

static const void *namespace_twice(const struct spec_config *config, const void *object)
{
	const struct spec_namespace_list *list = &((const struct spec_linux *)object)->namespaces;
	int64_t seen = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		if (seen & list->items[i].type.value)
			return &list->items[i].type;
		seen |= list->items[i].type.value;
	}
	return NULL;
}

static const void *mappings_useless(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	if (rule_namespace(config, CLONE_NEWUSER) != NULL)
		return NULL;
	return linux->uid_mappings.count > 0    ? &linux->uid_mappings
		: linux->gid_mappings.count > 0 ? &linux->gid_mappings
						: NULL;
}

static const void *mappings_missing(const struct spec_config *config, const void *object)
{
	const struct spec_namespace *user = rule_namespace(config, CLONE_NEWUSER);
	const struct spec_linux *linux = object;

	if (user == NULL || user->path != NULL)
		return NULL;
	return linux->uid_mappings.count == 0    ? &linux->uid_mappings
		: linux->gid_mappings.count == 0 ? &linux->gid_mappings
						 : NULL;
}

static const void *offsets_placeless(const struct spec_config *config, const void *object)
{
	const struct spec_namespace *time = rule_namespace(config, CLONE_NEWTIME);
	const struct spec_linux *linux = object;

	return linux->time_offsets.count > 0 && (time == NULL || time->path != NULL)
		? &linux->time_offsets
		: NULL;
}

static const void *offsets_of_other_clock(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	for (uint32_t i = 0; i < linux->time_offsets.count; i++) {
		const char *clock = linux->time_offsets.items[i].key;

		if (strcmp(clock, "monotonic") != 0 && strcmp(clock, "boottime") != 0)
			return &linux->time_offsets.items[i].key;
	}
	return NULL;
}

static const void *masks_on_host(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	if (rule_namespace(config, CLONE_NEWNS) != NULL)
		return NULL;
	return linux->masked_paths.count > 0      ? (const void *)&linux->masked_paths
		: linux->readonly_paths.count > 0 ? (const void *)&linux->readonly_paths
		: linux->rootfs_propagation.given ? (const void *)&linux->rootfs_propagation
						  : NULL;
}

/* The path goes below each hierarchy's mount point, and may not climb out of it. */
static const void *cgroup_climbs(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;
	const char *part = linux->cgroups_path;

	while (part != NULL && *part != '\0') {
		size_t length = strcspn(part, "/");

		if (length == 2 && part[0] == '.' && part[1] == '.')
			return &linux->cgroups_path;
		part += length + (part[length] == '/');
	}
	return NULL;
}

/* Which namespace a sysctl belongs to; a name that ends with a star stands for all that begin so.
 */
static const struct sysctl {
	const char *name;
	int64_t namespace;
} sysctls[] = {
	{"kernel.domainname", CLONE_NEWUTS},
	{"kernel.msg*", CLONE_NEWIPC},
	{"kernel.sem*", CLONE_NEWIPC},
	{"kernel.shm*", CLONE_NEWIPC},
	{"fs.mqueue.*", CLONE_NEWIPC},
	{"net.*", CLONE_NEWNET},
	{"user.*", CLONE_NEWUSER},
};

/* The first separator decides the style: in "net/ipv4/conf/eno2.100/mtu" the dot is part of a name.
 */
static void sysctl_dotted(const char *key, char *name, size_t size)
{
	const char *first = strpbrk(key, "./");
	bool slashes = first != NULL && *first == '/';
	size_t i;

	for (i = 0; key[i] != '\0' && i + 1 < size; i++)
		name[i] = !slashes ? key[i] : key[i] == '/' ? '.' : key[i] == '.' ? '/' : key[i];
	name[i] = '\0';
}

static const struct sysctl *sysctl_find(const char *key)
{
	char name[256];

	sysctl_dotted(key, name, sizeof(name));
	for (size_t i = 0; i < array_size(sysctls); i++) {
		size_t length = strlen(sysctls[i].name);

		if (sysctls[i].name[length - 1] == '*'
				? strncmp(name, sysctls[i].name, length - 1) == 0
				: strcmp(name, sysctls[i].name) == 0)
			return &sysctls[i];
	}
	return NULL;
}

/* Empty parts and ".." would name another file below /proc/sys than the one that is checked
 * (CVE-2022-0811). */
static const void *sysctl_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	for (uint32_t i = 0; i < linux->sysctl.count; i++) {
		const char *key = linux->sysctl.items[i].key;
		size_t length = strlen(key);

		if (length == 0 || length >= 256 || strpbrk(key, "./") == NULL ||
			strchr("./", key[0]) != NULL || strchr("./", key[length - 1]) != NULL)
			return &linux->sysctl.items[i].key;
		for (size_t j = 1; j < length; j++)
			if (strchr("./", key[j - 1]) != NULL && strchr("./", key[j]) != NULL)
				return &linux->sysctl.items[i].key;
	}
	return NULL;
}

/* The entry for the parameter of this name, or NULL. */
static const struct string_pair *sysctl_entry(const struct spec_linux *linux, const char *wanted)
{
	char name[256];

	for (uint32_t i = 0; i < linux->sysctl.count; i++) {
		sysctl_dotted(linux->sysctl.items[i].key, name, sizeof(name));
		if (strcmp(name, wanted) == 0)
			return &linux->sysctl.items[i];
	}
	return NULL;
}

/* Two spellings of one parameter: members have no order, so neither value would be the last. */
static const void *sysctl_twice(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;
	char name[256];

	for (uint32_t i = 0; i < linux->sysctl.count; i++) {
		const struct string_pair *first;

		sysctl_dotted(linux->sysctl.items[i].key, name, sizeof(name));
		first = sysctl_entry(linux, name);
		if (strcmp(first->value, linux->sysctl.items[i].value) != 0)
			return &linux->sysctl.items[i].key;
	}
	return NULL;
}

static const void *sysctl_hostname(const struct spec_config *config, const void *object)
{
	return sysctl_entry(object, "kernel.hostname");
}

static const void *sysctl_domainname(const struct spec_config *config, const void *object)
{
	const struct string_pair *entry = sysctl_entry(object, "kernel.domainname");

	return entry != NULL && config->domainname != NULL &&
			strcmp(entry->value, config->domainname) != 0
		? entry
		: NULL;
}

static const void *sysctl_global(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	for (uint32_t i = 0; i < linux->sysctl.count; i++)
		if (sysctl_find(linux->sysctl.items[i].key) == NULL)
			return &linux->sysctl.items[i].key;
	return NULL;
}

static const void *sysctl_shared(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	for (uint32_t i = 0; i < linux->sysctl.count; i++) {
		const struct sysctl *sysctl = sysctl_find(linux->sysctl.items[i].key);

		if (sysctl != NULL && rule_namespace(config, sysctl->namespace) == NULL)
			return &linux->sysctl.items[i].key;
	}
	return NULL;
}

static const struct rule linux_rules[] = {
	{namespace_twice, "listed twice:", NULL, &names_namespace},
	{mappings_useless, "needs a user namespace",
		"add {\"type\": \"user\"} to /linux/namespaces"},
	{mappings_missing, "a new user namespace needs uidMappings and gidMappings", NULL},
	{offsets_placeless, "needs a new time namespace",
		"add {\"type\": \"time\"}, without a path, to /linux/namespaces"},
	{offsets_of_other_clock, "expected the clock monotonic or boottime, got", NULL},
	{masks_on_host, "needs a mount namespace: the host's mounts would change",
		"add {\"type\": \"mount\"} to /linux/namespaces"},
	{cgroup_climbs, "cannot hold \"..\", got", NULL},
	{sysctl_malformed, "expected names with dots or slashes between, got", NULL},
	{sysctl_twice, "is spelt in two ways, with two values, got", NULL},
	{sysctl_hostname, "the host name is set by /hostname", NULL},
	{sysctl_domainname, "is another domain name than that of /domainname", NULL},
	{sysctl_global, "belongs to no namespace and would change the host, got",
		"kernel.msg*, kernel.sem*, kernel.shm*, kernel.domainname, fs.mqueue.*, net.* and "
		"user.* can be set"},
	{sysctl_shared, "its namespace is shared with the host, got",
		"add the namespace to /linux/namespaces"},
};

static const void *device_numberless(const struct spec_config *config, const void *object)
{
	const struct spec_device *device = object;

	if (device->type.value == S_IFIFO)
		return NULL;
	return !device->major.given ? &device->major : !device->minor.given ? &device->minor : NULL;
}

static const struct rule device_rules[] = {
	{device_numberless, "every device but a fifo (p) needs major and minor", NULL},
};

static const void *policy_nodes_missing(const struct spec_config *config, const void *object)
{
	const struct spec_memory_policy *policy = object;
	bool optional = policy->mode.value == MPOL_DEFAULT || policy->mode.value == MPOL_LOCAL ||
		policy->mode.value == MPOL_PREFERRED;

	return !optional && policy->nodes == NULL ? &policy->nodes : NULL;
}

static const void *policy_nodes_useless(const struct spec_config *config, const void *object)
{
	const struct spec_memory_policy *policy = object;
	bool none = policy->mode.value == MPOL_DEFAULT || policy->mode.value == MPOL_LOCAL;

	return none && policy->nodes != NULL ? &policy->nodes : NULL;
}

static const void *policy_nodes_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_memory_policy *policy = object;

	return policy->nodes == NULL || rule_list_valid(policy->nodes, MEMORY_NODES)
		? NULL
		: &policy->nodes;
}

static const void *policy_flags_contradict(const struct spec_config *config, const void *object)
{
	const struct spec_memory_policy *policy = object;
	int64_t both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, flags = 0;

	for (uint32_t i = 0; i < policy->flags.count; i++)
		flags |= policy->flags.items[i];
	return (flags & both) == both ? &policy->flags : NULL;
}

static const struct rule memory_policy_rules[] = {
	{policy_nodes_missing, "this mode needs nodes", NULL},
	{policy_nodes_useless, "this mode takes no nodes, got", NULL},
	{policy_nodes_malformed, "invalid memory policy nodes: expected a list such as 0-3,7, got",
		NULL},
	{policy_flags_contradict,
		"MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other", NULL},
};

static const void *personality_flags(const struct spec_config *config, const void *object)
{
	const struct spec_personality *personality = object;

	return personality->flags.count > 0 ? &personality->flags.items[0] : NULL;
}

static const struct rule personality_rules[] = {
	{personality_flags, "the specification has no personality flags, got", NULL},
};

const struct rule_group rules_of_linux[] = {
	RULES(linux, linux_rules),
	RULES(device, device_rules),
	RULES(memory_policy, memory_policy_rules),
	RULES(personality, personality_rules),
	{0},
};

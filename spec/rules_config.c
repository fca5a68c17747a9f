/* Rules about the configuration as a whole, and about its mounts one by one. */
#include <linux/sched.h>
#include <string.h>

#include "nsexec/plan.h"
#include "spec/names.h"
#include "spec/rules.h"

#define UTS_NAME_MAX 64 /* __NEW_UTS_LEN: bytes of a host or domain name */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Skips digits without a superfluous leading zero; NULL when there are none. */
static const char *version_number(const char *text)
{
	const char *end = text;

	while (is_digit(*end))
		end++;
	return end == text || (*text == '0' && end - text > 1) ? NULL : end;
}

/* Skips identifiers of a pre-release or build, with dots between; NULL when one is empty or,
 * numbered, begins with 0. */
static const char *version_identifiers(const char *text, bool numbered)
{
	for (;;) {
		size_t length = strspn(text,
			"0123456789abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
		bool number = strspn(text, "0123456789") == length;

		if (length == 0 || (numbered && number && *text == '0' && length > 1))
			return NULL;
		text += length;
		if (*text != '.')
			return text;
		text++;
	}
}

/* SemVer 2.0.0, as it stands there; "1.0.0-rc5+dev" is what older engines write. */
static bool version_valid(const char *text)
{
	for (int part = 0; part < 3; part++) {
		text = version_number(text);
		if (text == NULL || (part < 2 && *text++ != '.'))
			return false;
	}
	if (*text == '-')
		text = version_identifiers(text + 1, true);
	if (text != NULL && *text == '+')
		text = version_identifiers(text + 1, false);
	return text != NULL && *text == '\0';
}

static const void *version_malformed(const struct spec_config *config, const void *object)
{
	return version_valid(config->oci_version) ? NULL : &config->oci_version;
}

static const void *version_other(const struct spec_config *config, const void *object)
{
	return strncmp(config->oci_version, "1.", 2) == 0 ? NULL : &config->oci_version;
}

static const void *hostname_shared(const struct spec_config *config, const void *object)
{
	return config->hostname != NULL && rule_namespace(config, CLONE_NEWUTS) == NULL
		? &config->hostname
		: NULL;
}

static const void *hostname_long(const struct spec_config *config, const void *object)
{
	return config->hostname != NULL && strlen(config->hostname) > UTS_NAME_MAX
		? &config->hostname
		: NULL;
}

static const void *domainname_shared(const struct spec_config *config, const void *object)
{
	return config->domainname != NULL && rule_namespace(config, CLONE_NEWUTS) == NULL
		? &config->domainname
		: NULL;
}

static const void *domainname_long(const struct spec_config *config, const void *object)
{
	return config->domainname != NULL && strlen(config->domainname) > UTS_NAME_MAX
		? &config->domainname
		: NULL;
}

static const void *annotation_nameless(const struct spec_config *config, const void *object)
{
	for (uint32_t i = 0; i < config->annotations.count; i++)
		if (config->annotations.items[i].key[0] == '\0')
			return &config->annotations.items[i];
	return NULL;
}

static const struct rule config_rules[] = {
	{version_malformed, "expected a version as SemVer writes it, got", "such as \"1.3.0\""},
	{version_other, "only versions 1.x of the specification are known, got", NULL},
	{hostname_shared, "needs a uts namespace: the name would become the host's",
		"add {\"type\": \"uts\"} to /linux/namespaces"},
	{hostname_long, "is longer than 64 bytes", NULL},
	{domainname_shared, "needs a uts namespace: the name would become the host's",
		"add {\"type\": \"uts\"} to /linux/namespaces"},
	{domainname_long, "is longer than 64 bytes", NULL},
	{annotation_nameless, "the name of an annotation cannot be empty", NULL},
};

/* The first option of this kind that sets all these bits, or NULL. */
static const char *const *option_find(
	const struct spec_mount *mount, enum mount_option_kind kind, uint64_t bits)
{
	for (uint32_t i = 0; i < mount->options.count; i++) {
		const struct mount_option *option = mount_option_find(mount->options.items[i]);

		if (option != NULL && option->kind == kind && (option->set & bits) == bits)
			return &mount->options.items[i];
	}
	return NULL;
}

static bool is_bind(const struct spec_mount *mount)
{
	return option_find(mount, MOUNT_OPTION_EXTRA, PLAN_MOUNT_BIND) != NULL;
}

static bool is_remount(const struct spec_mount *mount)
{
	return option_find(mount, MOUNT_OPTION_EXTRA, PLAN_MOUNT_REMOUNT) != NULL;
}

static const void *mount_typeless(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	bool typed = mount->type != NULL && mount->type[0] != '\0';

	return typed || is_bind(mount) || is_remount(mount) ? NULL : mount;
}

static const void *mount_bind_by_type(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;

	return mount->type != NULL && strcmp(mount->type, "bind") == 0 && !is_bind(mount) &&
			!is_remount(mount)
		? &mount->type
		: NULL;
}

static const void *mount_sourceless(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	bool source = mount->source != NULL && mount->source[0] != '\0';

	return !source && is_bind(mount) && !is_remount(mount) ? mount : NULL;
}

/* A bind mount shows a filesystem that is mounted already: there is nobody to give data to. */
static const void *mount_data_of_bind(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;

	if (!is_bind(mount))
		return NULL;
	for (uint32_t i = 0; i < mount->options.count; i++) {
		const char *option = mount->options.items[i];

		if (mount_option_find(option) == NULL)
			return &mount->options.items[i];
	}
	return NULL;
}

static const void *mount_copyup(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	const char *const *option = option_find(mount, MOUNT_OPTION_EXTRA, PLAN_MOUNT_TMPCOPYUP);

	if (option == NULL)
		return NULL;
	return mount->type != NULL && strcmp(mount->type, "tmpfs") == 0 && !is_bind(mount) ? NULL
											   : option;
}

static const void *mount_mapped_by_nobody(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;
	const char *const *option = option_find(mount, MOUNT_OPTION_IDMAP, 0);

	return option == NULL || strchr(*option, '=') != NULL || mount->uid_mappings.count > 0 ||
			rule_namespace(config, CLONE_NEWUSER) != NULL
		? NULL
		: option;
}

/* Mappings are given to a mount when it is made. */
static const void *mount_mapped_again(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;

	if (!is_remount(mount))
		return NULL;
	return mount->uid_mappings.count > 0 ? (const void *)&mount->uid_mappings
					     : option_find(mount, MOUNT_OPTION_IDMAP, 0);
}

static const void *mount_mapped_cgroup(const struct spec_config *config, const void *object)
{
	const struct spec_mount *mount = object;

	if (mount->type == NULL || strcmp(mount->type, "cgroup") != 0 || is_bind(mount))
		return NULL;
	return mount->uid_mappings.count > 0 ? (const void *)&mount->uid_mappings
					     : option_find(mount, MOUNT_OPTION_IDMAP, 0);
}

static const struct rule mount_rules[] = {
	{mount_typeless, "needs a type, or bind or rbind among its options", NULL},
	{mount_bind_by_type, "a bind mount needs bind or rbind among its options", NULL},
	{mount_sourceless, "a bind mount needs a source", NULL},
	{mount_data_of_bind, "unknown for a bind mount, which takes no filesystem data, got", NULL},
	{mount_copyup, "tmpcopyup is for tmpfs only", NULL},
	{mount_mapped_by_nobody, "needs uidMappings and gidMappings, or a user namespace", NULL},
	{mount_mapped_again, "a remount cannot map ids: they are mapped when the mount is made",
		NULL},
	{mount_mapped_cgroup, "the ids of a cgroup mount cannot be mapped", NULL},
};

const struct rule_group rules_of_config[] = {
	RULES(config, config_rules),
	RULES(mount, mount_rules),
	{0},
};

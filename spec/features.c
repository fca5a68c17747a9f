/*
 * A list that is written a second time drifts from what the code takes. So every list here is a
 * walk over the very rows that decode a configuration.
 */
#include "spec/features.h"

#include "spec/config.h"
#include "spec/json.h"
#include "spec/names.h"
#include "spec/spec.h"

#define INDENT 2

#define ANNOTATION_PREFIX "mydocker."

static void set_write(struct json_writer *writer, const char *key, const struct name_set *set)
{
	json_key(writer, key);
	json_array(writer);
	for (size_t i = 0; i < set->count; i++)
		json_string(writer, set->names[i].word);
	json_array_end(writer);
}

/* The names of an object's members. */
static void members_write(struct json_writer *writer, const char *key, const struct table *table)
{
	json_key(writer, key);
	json_array(writer);
	for (uint32_t i = 0; i < table->count; i++)
		json_string(writer, table->fields[i].key);
	json_array_end(writer);
}

static void mount_options_write(struct json_writer *writer)
{
	json_key(writer, "mountOptions");
	json_array(writer);
	for (size_t i = 0; i < mount_option_count; i++)
		if (mount_options[i].listed)
			json_string(writer, mount_options[i].word);
	json_array_end(writer);
}

/* {"<key>": {"enabled": <enabled>}} without the outer braces. */
static void enabled_write(struct json_writer *writer, const char *key, bool enabled)
{
	json_key(writer, key);
	json_object(writer);
	json_member_boolean(writer, "enabled", enabled);
	json_object_end(writer);
}

static void cgroup_write(struct json_writer *writer, const struct features_build *build)
{
	json_key(writer, "cgroup");
	json_object(writer);
	json_member_boolean(writer, "v1", build->cgroup_v1);
	json_member_boolean(writer, "v2", build->cgroup_v2);
	json_member_boolean(writer, "systemd", build->cgroup_systemd);
	json_member_boolean(writer, "systemdUser", build->cgroup_systemd_user);
	json_member_boolean(writer, "rdma", build->cgroup_rdma);
	json_object_end(writer);
}

static void seccomp_write(struct json_writer *writer, const struct features_build *build)
{
	json_key(writer, "seccomp");
	json_object(writer);
	json_member_boolean(writer, "enabled", true);
	set_write(writer, "actions", &names_seccomp_action);
	set_write(writer, "operators", &names_seccomp_operator);
	json_key(writer, "archs");
	json_array(writer);
	for (size_t i = 0; i < names_seccomp_arch.count; i++)
		if (build->seccomp_arch_known(names_seccomp_arch.names[i].word))
			json_string(writer, names_seccomp_arch.names[i].word);
	json_array_end(writer);
	set_write(writer, "knownFlags", &names_seccomp_flag);
	json_key(writer, "supportedFlags");
	json_array(writer);
	for (size_t i = 0; i < names_seccomp_flag.count; i++)
		if (build->seccomp_flags & (uint64_t)names_seccomp_flag.names[i].value)
			json_string(writer, names_seccomp_flag.names[i].word);
	json_array_end(writer);
	json_object_end(writer);
}

static void linux_write(struct json_writer *writer, const struct features_build *build)
{
	json_key(writer, "linux");
	json_object(writer);
	set_write(writer, "namespaces", &names_namespace);
	set_write(writer, "capabilities", &names_capability);
	cgroup_write(writer, build);
	seccomp_write(writer, build);
	enabled_write(writer, "apparmor", build->apparmor);
	enabled_write(writer, "selinux", build->selinux);
	json_key(writer, "intelRdt");
	json_object(writer);
	json_member_boolean(writer, "enabled", true);
	json_member_boolean(writer, "schemata", true);
	json_member_boolean(writer, "monitoring", true);
	json_object_end(writer);
	json_key(writer, "memoryPolicy");
	json_object(writer);
	set_write(writer, "modes", &names_memory_policy_mode);
	set_write(writer, "flags", &names_memory_policy_flag);
	json_object_end(writer);
	json_key(writer, "mountExtensions");
	json_object(writer);
	enabled_write(writer, "idmap", build->idmap);
	json_object_end(writer);
	enabled_write(writer, "netDevices", true);
	json_object_end(writer);
}

static void annotations_write(struct json_writer *writer, const struct features_build *build)
{
	json_key(writer, "annotations");
	json_object(writer);
	json_member_string(writer, "io.github.seccomp.libseccomp.version", build->libseccomp);
	json_member_string(writer, ANNOTATION_PREFIX "version", build->version);
	json_member_string(writer, ANNOTATION_PREFIX "commit", build->commit);
	json_member_string(writer, ANNOTATION_PREFIX "checkpoint.enabled", "true");
	json_object_end(writer);
	json_key(writer, "potentiallyUnsafeConfigAnnotations");
	json_array(writer);
	for (const char *const *key = build->unsafe; *key != NULL; key++)
		json_string(writer, *key);
	json_array_end(writer);
}

const char *spec_features(
	struct arena *arena, const struct features_build *build, struct error *err)
{
	struct json_writer writer;

	json_begin(&writer, arena, INDENT);
	json_object(&writer);
	json_member_string(&writer, "ociVersionMin", SPEC_VERSION_LEAST);
	json_member_string(&writer, "ociVersionMax", SPEC_VERSION);
	members_write(&writer, "hooks", &spec_hooks_table);
	mount_options_write(&writer);
	linux_write(&writer, build);
	annotations_write(&writer, build);
	json_object_end(&writer);
	return json_finish(&writer, NULL, err);
}

/*
 * The mounts of the configuration, in its order, and the root that they are below. A bind mount's
 * source is a path of the host, read in the mount namespace that the container starts from;
 * everything that concerns the inside of the root is a path that the gate resolves there, never
 * here.
 */
#include <errno.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mount.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/compile_parts.h"

/* What the propagation of the root comes to, at the three moments at which it matters. */
static void root_propagation(
	const struct compile *c, uint64_t *tree, uint64_t *root, uint64_t *finally)
{
	const struct maybe_int *asked = &c->linux->rootfs_propagation;

	/*
	 * The tree that was copied from the host: what is mounted below must never reach the
	 * host, except where the configuration shares it.
	 */
	*tree = asked->given ? (uint64_t)asked->value : MS_SLAVE | MS_REC;
	if (*tree & MS_UNBINDABLE)
		*tree = MS_PRIVATE | MS_REC; /* sources of bind mounts come from this tree */
	/* The root itself: a slave must stay one; shared gets its new peer group at the end. */
	*root = asked->given && (asked->value & MS_SLAVE) ? (uint64_t)asked->value
							  : MS_PRIVATE | MS_REC;
	*finally = asked->given ? (uint64_t)asked->value : 0;
}

/* Whether there is a mount table that may change: in the host's own nothing is mounted. */
static bool has_mounts(const struct compile *c)
{
	return (c->made | c->joined) & CLONE_NEWNS;
}

/* What would be mounted in the host's own table, or NULL. The terminal goes to /dev/console. */
static const void *host_mount(const struct compile *c)
{
	if (has_mounts(c))
		return NULL;
	if (c->config->mounts.count > 0)
		return &c->config->mounts;
	if (c->config->root->readonly.value)
		return &c->config->root->readonly;
	return c->process != NULL && c->process->terminal.value ? &c->process->terminal : NULL;
}

void compile_root(struct compile *c)
{
	struct plan_builder *builder = &c->builder;
	uint64_t tree, root, finally;
	struct step_rootfs *rootfs;
	plan_text path;

	if (host_mount(c) != NULL) {
		plan_refuse(builder, host_mount(c), ERROR_CONFIG_RULE, EINVAL,
			"needs a mount namespace: it would be mounted on the host");
		error_hint(builder->err, "add {\"type\": \"mount\"} to /linux/namespaces");
		return;
	}
	root_propagation(c, &tree, &root, &finally);
	plan_origin(builder,
		c->linux->rootfs_propagation.given ? (const void *)&c->linux->rootfs_propagation
						   : NULL);
	if (has_mounts(c))
		PLAN_ADD(builder, propagation)->flags = tree;
	plan_origin(builder, &c->config->root->path);
	path = plan_copy(builder, c->input->rootfs);
	rootfs = PLAN_ADD(builder, rootfs);
	rootfs->path = path;
	rootfs->bare = !has_mounts(c);
	rootfs->propagation = root;
}

/* True when an earlier entry says the same: covering a cover shows nothing else. */
static bool listed_before(const struct string_list *list, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (strcmp(list->items[i], list->items[index]) == 0)
			return true;
	return false;
}

static void compile_readonly(struct compile *c)
{
	const char *cwd = c->process != NULL ? c->process->cwd : "/";
	plan_text path;

	plan_origin(&c->builder, &c->config->root->readonly);
	path = plan_copy(&c->builder, strcmp(cwd, "/") != 0 ? cwd : NULL);
	PLAN_ADD(&c->builder, root_readonly)->cwd = path;
}

void compile_pivot(struct compile *c)
{
	struct plan_builder *builder = &c->builder;
	uint64_t tree, root, finally;
	struct step_pivot *pivot;
	plan_text path;

	root_propagation(c, &tree, &root, &finally);
	plan_origin(builder, &c->config->root->path);
	if (!has_mounts(c)) {
		plan_warn(builder, &c->linux->namespaces,
			"without a mount namespace the root is a chroot, which CAP_SYS_CHROOT can "
			"leave");
		plan_add(builder, STEP_confine);
		return;
	}
	pivot = PLAN_ADD(builder, pivot);
	pivot->chroot = c->input->no_pivot;
	pivot->propagation = finally;
	for (uint32_t i = 0; i < c->linux->masked_paths.count; i++) {
		if (listed_before(&c->linux->masked_paths, i))
			continue;
		plan_origin(builder, &c->linux->masked_paths.items[i]);
		path = plan_copy(builder, c->linux->masked_paths.items[i]);
		PLAN_ADD(builder, mask)->path = path;
	}
	for (uint32_t i = 0; i < c->linux->readonly_paths.count; i++) {
		plan_origin(builder, &c->linux->readonly_paths.items[i]);
		path = plan_copy(builder, c->linux->readonly_paths.items[i]);
		PLAN_ADD(builder, readonly)->path = path;
	}
	if (c->config->root->readonly.value)
		compile_readonly(c);
}

struct step_mount *compile_mount_step(struct compile *c, const struct mount_words *words,
	const char *source, const char *target, const char *type, const char *data)
{
	struct plan_builder *builder = &c->builder;
	struct step_mount mount = {
		.flags = words->flags,
		.set = words->set,
		.clear = words->clear,
		.rset = words->rset,
		.rclear = words->rclear,
		.extras = words->extras,
		.idmap = -1,
	};
	struct step_mount *step;

	mount.source = plan_copy(builder, source);
	mount.target = plan_copy(builder, target);
	mount.type = plan_copy(builder, type);
	mount.data = plan_copy(builder, data);
	mount.propagation = plan_copy_list(builder, &words->propagation);
	step = PLAN_ADD(builder, mount);
	*step = mount;
	return step;
}

/* A path below the root; a relative one is taken as below /. */
static const char *mount_target(struct compile *c, const struct spec_mount *mount)
{
	if (mount->destination[0] == '/')
		return mount->destination;
	plan_warn(&c->builder, &mount->destination,
		"a relative destination is deprecated; taken as /%s", mount->destination);
	return compile_text(c, "/%s", mount->destination);
}

static void compile_bind(struct compile *c, const struct spec_mount *mount,
	const struct mount_words *words, const char *target, int32_t idmap)
{
	const uint64_t others = PLAN_MOUNT_REMOUNT | PLAN_MOUNT_COPY_SYMLINK;
	const char *source = mount->source;
	struct step_mount *step;

	if (source != NULL && source[0] != '/')
		source = compile_text(c, "%s/%s", c->input->bundle, source);
	step = compile_mount_step(c, words, source, target, NULL, NULL);
	step->idmap = idmap;
	if ((words->extras & PLAN_MOUNT_REMOUNT) && (words->set & MOUNT_ATTR_RDONLY) &&
		compile_is_dev(target))
		step->extras |= PLAN_MOUNT_READONLY_LATE;
	if (c->hand && !(words->extras & others))
		step->tree = ++c->trees;
}

/* True for filesystems that the SELinux label of the configuration does not apply to. */
static bool label_exempt(const char *type)
{
	static const char *const exempt[] = {"proc", "sysfs", "cgroup", "cgroup2"};

	for (size_t i = 0; i < array_size(exempt); i++)
		if (strcmp(type, exempt[i]) == 0)
			return true;
	return false;
}

/* There is one of these for each ipc namespace: a container that joins it cannot give it another
 * label by an option, as it could not mount it then. */
static bool label_shared(const char *type)
{
	return strcmp(type, "mqueue") == 0;
}

/* The data of a filesystem with the SELinux label added, unless it has one. */
static const char *labelled(struct compile *c, const char *type, const char *data)
{
	const char *label = c->linux->mount_label;

	if (label == NULL || label_exempt(type) || label_shared(type) ||
		(data != NULL && (strncmp(data, "context=", 8) == 0 || strstr(data, ",context="))))
		return data;
	return compile_text(
		c, "%s%scontext=\"%s\"", data != NULL ? data : "", data != NULL ? "," : "", label);
}

static void compile_label(struct compile *c, const char *target)
{
	plan_text path = plan_copy(&c->builder, target);
	plan_text value = plan_copy(&c->builder, c->linux->mount_label);
	struct step_mount_label *label = PLAN_ADD(&c->builder, mount_label);

	label->target = path;
	label->value = value;
}

/* What a remount takes away from the superblock: the filesystem is told so in words. */
static void words_take_back(struct compile *c, struct mount_words *words)
{
	static const struct {
		uint64_t flag;
		const char *word;
	} rows[] = {
		{MS_SYNCHRONOUS, "async"},
		{MS_LAZYTIME, "nolazytime"},
		{MS_MANDLOCK, "nomand"},
	};

	for (size_t i = 0; i < array_size(rows); i++)
		if (words->flags_clear & rows[i].flag)
			words->data =
				compile_text(c, "%s%s%s", words->data != NULL ? words->data : "",
					words->data != NULL ? "," : "", rows[i].word);
}

/* True where files and devices are still to be made. */
static bool is_filled_later(const char *type, const char *target)
{
	return strcmp(type, "tmpfs") == 0 || compile_is_dev(target);
}

/* Read-only concerns the mount alone: its filesystem may be one of the host's. */
static void compile_remount(struct compile *c, const struct spec_mount *mount,
	struct mount_words *words, const char *target)
{
	const char *type = mount->type != NULL ? mount->type : "";
	const char *source = mount->source;

	words_take_back(c, words);
	if ((words->set & MOUNT_ATTR_RDONLY) && is_filled_later(type, target))
		words->extras |= PLAN_MOUNT_READONLY_LATE;
	compile_mount_step(c, words, source != NULL ? source : type, target,
		type[0] == '\0' ? NULL : type, words->data);
}

static void compile_filesystem(struct compile *c, const struct spec_mount *mount,
	struct mount_words *words, const char *target, int32_t idmap)
{
	const char *type = mount->type, *source = mount->source;

	words->clear = words->rclear = 0; /* what is new has nothing to clear */
	if (source == NULL || source[0] == '\0')
		source = type;
	if (words->set & MOUNT_ATTR_RDONLY) {
		if (is_filled_later(type, target))
			words->extras |= PLAN_MOUNT_READONLY_LATE;
		/* A filesystem on a device must not be written at all, not only not through here.
		 */
		else if (source[0] == '/')
			words->flags |= MS_RDONLY;
	}
	/* Who made the network and pid namespaces decides whether these can be new. */
	if ((c->mapped || !c->input->privileged) &&
		(strcmp(type, "sysfs") == 0 || strcmp(type, "proc") == 0))
		words->extras |= PLAN_MOUNT_FALLBACK_BIND;
	compile_mount_step(c, words, source, target, type, labelled(c, type, words->data))->idmap =
		idmap;
	if (c->linux->mount_label != NULL && label_shared(type))
		compile_label(c, target);
}

void compile_mounts(struct compile *c)
{
	for (uint32_t i = 0; i < c->config->mounts.count && c->builder.failed == 0; i++) {
		const struct spec_mount *mount = &c->config->mounts.items[i];
		struct mount_words words;
		const char *target;
		int32_t idmap = -1;

		plan_origin(&c->builder, mount);
		compile_options(c, mount, &words);
		if (c->builder.failed != 0)
			return;
		target = mount_target(c, mount);
		if (words.idmap || mount->uid_mappings.count > 0)
			idmap = compile_idmap(c, mount);
		if (words.extras & PLAN_MOUNT_BIND)
			compile_bind(c, mount, &words, target, idmap);
		else if (mount->type != NULL && strcmp(mount->type, "cgroup") == 0)
			compile_cgroup_mount(c, mount, &words, target);
		else if (words.extras & PLAN_MOUNT_REMOUNT)
			compile_remount(c, mount, &words, target);
		else
			compile_filesystem(c, mount, &words, target, idmap);
	}
}

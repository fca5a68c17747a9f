/*
 * A mount of type "cgroup" is a wish, not a filesystem: the container is to see its cgroup under
 * that path. On v2 it is one filesystem, which without a cgroup namespace is the host's, as
 * /proc/self/cgroup names its directories. On v1 and hybrid it is a small tmpfs with one directory
 * for each hierarchy of the host, under the host's names, and links for controllers that share one.
 * In a cgroup namespace each hierarchy can be mounted, since its root is the container's own
 * cgroup; without one, the container's directory is bound, so that no other cgroup can be seen or
 * written (CVE-2023-25809).
 */
#include <errno.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>

#include "runtime/plan/compile_parts.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The container's own directory in a hierarchy of the host. */
static const char *own_directory(struct compile *c, uint32_t i)
{
	const struct cgroup_hierarchy *hierarchy = &c->input->cgroup_host->hierarchies[i];
	const struct cgroup_place *place = c->input->cgroup;

	if (i < place->count && place->directories[i] != NULL)
		return place->directories[i];
	if (strcmp(hierarchy->own, "/") == 0)
		return hierarchy->mount;
	return compile_text(c, "%s%s", hierarchy->mount, hierarchy->own);
}

static void mount_hierarchy(
	struct compile *c, const struct mount_words *words, uint32_t i, const char *target)
{
	const struct cgroup_hierarchy *hierarchy = &c->input->cgroup_host->hierarchies[i];
	const char *data = hierarchy->controllers;
	struct mount_words own = *words;

	if (!(c->made & CLONE_NEWCGROUP)) {
		own.extras |= PLAN_MOUNT_BIND;
		compile_mount_step(c, &own, own_directory(c, i), target, NULL, NULL);
		return;
	}
	own.clear = own.rclear = 0; /* what is new has nothing to clear */
	if (hierarchy->unified) {
		compile_mount_step(c, &own, "cgroup", target, "cgroup2", NULL);
	} else {
		if (strncmp(data, "name=", 5) == 0)
			data = compile_text(c, "none,%s", data);
		compile_mount_step(c, &own, "cgroup", target, "cgroup", data);
	}
}

/* Links from each controller to the directory that it shares with others. */
static void link_controllers(
	struct compile *c, const struct cgroup_hierarchy *hierarchy, const char *target)
{
	const char *directory = base_name(hierarchy->mount);
	const char *name = hierarchy->controllers;

	if (hierarchy->unified || strncmp(name, "name=", 5) == 0)
		return;
	for (size_t length; *name != '\0'; name += length + (name[length] == ',')) {
		plan_text path, to;
		struct step_symlink *link;

		length = strcspn(name, ",");
		if (strlen(directory) == length && strncmp(directory, name, length) == 0)
			continue;
		path = plan_copyf(&c->builder, "%s/%.*s", target, (int)length, name);
		to = plan_copy(&c->builder, directory);
		link = PLAN_ADD(&c->builder, symlink);
		link->path = path;
		link->target = to;
	}
}

static void mount_hierarchies(
	struct compile *c, const struct mount_words *words, const char *target)
{
	const struct cgroup_host *host = c->input->cgroup_host;
	struct mount_words parent = {
		.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.propagation = words->propagation,
	};
	struct mount_words child = *words;

	child.set |= parent.set;
	child.clear &= ~parent.set;
	child.flags = 0;
	if (words->set & MOUNT_ATTR_RDONLY) {
		parent.set |= MOUNT_ATTR_RDONLY;
		parent.extras |= PLAN_MOUNT_READONLY_LATE;
	}
	compile_mount_step(c, &parent, "tmpfs", target, "tmpfs", "mode=755");
	for (uint32_t i = 0; i < host->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &host->hierarchies[i];

		mount_hierarchy(c, &child, i,
			compile_text(c, "%s/%s", target, base_name(hierarchy->mount)));
		link_controllers(c, hierarchy, target);
	}
}

void compile_cgroup_mount(struct compile *c, const struct spec_mount *mount,
	const struct mount_words *words, const char *target)
{
	struct mount_words unified = *words;

	if (words->extras & PLAN_MOUNT_REMOUNT) {
		compile_mount_step(c, words, NULL, target, NULL, words->data);
		return;
	}
	switch (c->input->cgroup_host->mode) {
	case CGROUP_NONE:
		plan_refuse(&c->builder, &mount->type, ERROR_CGROUP, ENODEV,
			"no cgroup hierarchy is mounted on this host");
		break;
	case CGROUP_V2:
		unified.clear = unified.rclear = 0;
		if (c->mapped || !c->input->privileged)
			unified.extras |= PLAN_MOUNT_FALLBACK_BIND;
		compile_mount_step(c, &unified, "cgroup", target, "cgroup2", words->data);
		break;
	case CGROUP_V1:
	case CGROUP_HYBRID:
		/* Each hierarchy has its controllers for data, and no room for more. */
		if (words->data != NULL) {
			plan_refuse(&c->builder, &mount->options, ERROR_CONFIG_RULE, EINVAL,
				"unknown for a cgroup mount, which takes no data on this host, got "
				"\"%s\"",
				words->data);
			return;
		}
		mount_hierarchies(c, words, target);
		break;
	}
}

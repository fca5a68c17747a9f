/*
 * A path may lead through links and other mounts, so it is opened as the container would open it,
 * and the kernel tells which mount that is, whether the path is its root, and in mountinfo its
 * options.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/verify.h"

/* As the gate found it. flags: O_NOFOLLOW, or 0. */
static int path_open(const struct evidence *evidence, const char *path, unsigned int flags)
{
	return sys_openat2(evidence->root, path, O_PATH | O_CLOEXEC | flags, 0,
		RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

static bool is_link(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* The options of a mount, field 6 of its line: the text from there on. */
static const char *mount_options(const struct evidence *evidence, int fd)
{
	uint64_t number;

	if (sys_mount_id(fd, &number) < 0)
		return NULL;
	for (const char *line = evidence->mounts; line && *line;) {
		int at = 0;

		if (strtoull(line, NULL, 10) == number &&
			sscanf(line, "%*s %*s %*s %*s %*s %n", &at) == 0 && at > 0)
			return line + at;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return NULL;
}

static bool options_have(const char *options, const char *word)
{
	size_t length = strlen(word), all = strcspn(options, " ");

	for (const char *at = options; at < options + all; at += strcspn(at, ", ") + 1)
		if (strcspn(at, ", ") == length && strncmp(at, word, length) == 0)
			return true;
	return false;
}

static const struct {
	uint64_t bit;
	const char *word;
} flags[] = {
	{MOUNT_ATTR_RDONLY, "ro"},
	{MOUNT_ATTR_NOSUID, "nosuid"},
	{MOUNT_ATTR_NODEV, "nodev"},
	{MOUNT_ATTR_NOEXEC, "noexec"},
};

/* Whether the mount at the descriptor has these attributes. */
static bool attributes_hold(
	const struct evidence *evidence, int fd, uint64_t set, char *found, size_t size)
{
	const char *options = mount_options(evidence, fd);

	for (size_t i = 0; options && i < array_size(flags); i++)
		if ((set & flags[i].bit) && !options_have(options, flags[i].word)) {
			snprintf(found, size, "the mount is not %s", flags[i].word);
			return false;
		}
	return true;
}

/* True when what is mounted on a path hides the other one. */
static bool path_covers(const char *path, const char *other)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	return strncmp(path, other, length) == 0 && (other[length] == '/' || other[length] == '\0');
}

/* What is left of a step's attributes after the steps behind it; false when one of them covers the
 * mount. */
static bool attributes_left(
	const struct plan *plan, const struct step_mount *step, uint64_t *attributes)
{
	const char *target = plan_string(plan, step->target);
	bool behind = false;

	*attributes = step->set | step->rset;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step_mount *next = plan_arguments(plan, &plan_steps(plan)[i]);
		const char *path;

		if (plan_steps(plan)[i].kind != STEP_mount || !behind) {
			behind |= next == step;
			continue;
		}
		path = plan_string(plan, next->target);
		if (!(next->extras & PLAN_MOUNT_REMOUNT) && path_covers(path, target))
			return false;
		if (strcmp(path, target) == 0)
			*attributes &= ~(next->clear | next->rclear);
	}
	return true;
}

static bool mount_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_mount *step = arguments;
	const uint64_t links = PLAN_MOUNT_TARGET_NOFOLLOW | PLAN_MOUNT_COPY_SYMLINK;
	auto_fd int fd = path_open(evidence, plan_string(evidence->plan, step->target),
		step->extras & links ? O_NOFOLLOW : 0);
	uint64_t attributes;

	if (!attributes_left(evidence->plan, step, &attributes))
		return true;
	if (fd >= 0 && (step->extras & PLAN_MOUNT_COPY_SYMLINK) && is_link(fd))
		return true;
	if (fd < 0 || sys_mount_root(fd) == 0) {
		snprintf(found, size, "nothing is mounted there");
		return false;
	}
	return attributes_hold(evidence, fd, attributes, found, size);
}

/* What does not exist needs no mask. */
static bool mask_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_mask *step = arguments;
	auto_fd int fd = path_open(evidence, plan_string(evidence->plan, step->path), 0);

	snprintf(found, size, "it can be seen");
	return fd < 0 || sys_mount_root(fd) != 0;
}

static bool readonly_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	const struct step_readonly *step = arguments;
	auto_fd int fd = path_open(evidence, plan_string(evidence->plan, step->path), 0);

	return fd < 0 || attributes_hold(evidence, fd, MOUNT_ATTR_RDONLY, found, size);
}

static bool root_readonly_holds(
	const struct evidence *evidence, const void *arguments, char *found, size_t size)
{
	return attributes_hold(evidence, evidence->root, MOUNT_ATTR_RDONLY, found, size);
}

const struct verifier verifiers_of_mounts[] = {
	{STEP_mount, mount_holds, false},
	{STEP_mask, mask_holds, false},
	{STEP_readonly, readonly_holds, false},
	{STEP_root_readonly, root_readonly_holds, false},
	{0},
};

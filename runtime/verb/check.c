/*
 * check: would this bundle run here? Everything that `create` decides before it makes anything is
 * decided, and what it would trip over later is looked for. Nothing is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/creation.h"
#include "runtime/finding.h"
#include "runtime/listing.h"

#define SCHEMA "mydocker.check/1"
#define NOT_STRICT_ENOUGH 1 /* exit status: warnings, with --strict */
#define CANNOT_RUN 2

struct check {
	const struct spec *spec;
	const char *bundle;
	int rootfs;
	struct findings findings;
};

/* A finding about the member at an address of the configuration. */
static void check_tell(
	struct check *check, enum severity severity, const void *address, const char *text)
{
	char pointer[256];

	spec_pointer(check->spec, address, pointer, sizeof(pointer));
	finding_add(&check->findings, severity, pointer, text, NULL);
}

/* Sections of the configuration for other systems, which are none of our business. */
static bool is_elsewhere(const char *pointer)
{
	static const char *const sections[] = {"/freebsd", "/solaris", "/vm", "/windows", "/zos"};

	for (size_t i = 0; i < array_size(sections); i++)
		if (strcmp(pointer, sections[i]) == 0)
			return true;
	return false;
}

static void warnings_take(struct check *check)
{
	const struct warnings *warnings = &check->spec->warnings;

	for (uint32_t i = 0; i < warnings->count; i++)
		if (!is_elsewhere(warnings->items[i].pointer))
			finding_add(&check->findings, SEVERITY_WARNING, warnings->items[i].pointer,
				warnings->items[i].text, NULL);
}

/* A file of the host that has to be there. */
static void file_check(struct check *check, const char *const *path, const char *what, int mode)
{
	auto_fd int bundle = openat(AT_FDCWD, check->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char text[512];

	if (!*path || faccessat(bundle, *path, mode, 0) == 0)
		return;
	snprintf(text, sizeof(text), "%s %.300s: %s", what, *path, strerror(errno));
	check_tell(check, SEVERITY_ERROR, path, text);
}

static bool mount_binds(const struct spec_mount *mount)
{
	for (uint32_t i = 0; i < mount->options.count; i++)
		if (strcmp(mount->options.items[i], "bind") == 0 ||
			strcmp(mount->options.items[i], "rbind") == 0)
			return true;
	return mount->type && strcmp(mount->type, "bind") == 0;
}

static void mounts_check(struct check *check)
{
	const struct spec_mount_list *mounts = &check->spec->config.mounts;

	for (uint32_t i = 0; i < mounts->count; i++)
		if (mount_binds(&mounts->items[i]))
			file_check(check, &mounts->items[i].source, "the source of a bind mount,",
				F_OK);
}

/* Those that run on the host; the paths of startContainer are the container's. */
static void hooks_check(struct check *check)
{
	const struct spec_hooks *hooks = check->spec->config.hooks;
	const struct spec_hook_list *const lists[] = {
		hooks ? &hooks->prestart : NULL,
		hooks ? &hooks->create_runtime : NULL,
		hooks ? &hooks->create_container : NULL,
		hooks ? &hooks->poststart : NULL,
		hooks ? &hooks->poststop : NULL,
	};

	for (size_t i = 0; i < array_size(lists) && lists[i]; i++)
		for (uint32_t j = 0; j < lists[i]->count; j++)
			file_check(check, &lists[i]->items[j].path, "the hook", X_OK);
}

static void namespaces_check(struct check *check)
{
	const struct spec_linux *linux = check->spec->config.linux;

	for (uint32_t i = 0; linux && i < linux->namespaces.count; i++)
		file_check(check, &linux->namespaces.items[i].path, "the namespace to join,", F_OK);
}

/* Whether a file is in the root filesystem, as the container will see it. */
static bool rootfs_has(const struct check *check, const char *path)
{
	auto_fd int fd = sys_openat2(check->rootfs, path, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
	struct stat file;

	return fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & 0111);
}

static bool path_has(const struct check *check, const char *directories, const char *name)
{
	char path[PATH_MAX];

	for (const char *at = directories; *at; at += *at == ':') {
		int length = (int)strcspn(at, ":");

		snprintf(path, sizeof(path), "%.*s/%s", length, at, name);
		if (rootfs_has(check, path))
			return true;
		at += length;
	}
	return false;
}

/* A warning only, since a mount may bring it. */
static void program_check(struct check *check)
{
	const struct spec_process *process = check->spec->config.process;
	const char *name = process && process->args.count ? process->args.items[0] : NULL;
	const char *directories = "";

	for (uint32_t i = 0; name && i < process->env.count; i++)
		if (strncmp(process->env.items[i], "PATH=", 5) == 0)
			directories = process->env.items[i] + 5;
	if (!name || strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0)
		return;
	if (strchr(name, '/') ? rootfs_has(check, name) : path_has(check, directories, name))
		return;
	check_tell(check, SEVERITY_WARNING, &process->args.items[0],
		"there is no such program in the root filesystem");
}

static void host_check(struct check *check, const struct creation *creation)
{
	check->rootfs = openat(AT_FDCWD, creation->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	check->bundle = creation->bundle;
	mounts_check(check);
	hooks_check(check);
	namespaces_check(check);
	program_check(check);
}

static int check_conclude(struct check *check, const struct command *command, struct error *err)
{
	uint32_t errors = findings_count(&check->findings, SEVERITY_ERROR);
	uint32_t warnings = findings_count(&check->findings, SEVERITY_WARNING);
	int json = listing_is_json(command, err);
	int result;

	if (errors + warnings == 0)
		finding_add(&check->findings, SEVERITY_GOOD, "", "nothing is wrong with it", NULL);
	result = json < 0 ? json : findings_print(&check->findings, SCHEMA, json > 0, err);
	if (result < 0)
		return result;
	if (errors)
		return CANNOT_RUN;
	return warnings && command->given[OPTION_strict] ? NOT_STRICT_ENOUGH : 0;
}

int verb_check(const struct command *command, struct error *err)
{
	struct creation creation = CREATION_NONE;
	struct check check = {.spec = &creation.spec, .rootfs = -1};
	struct error refused = {0};

	creation.silent = true;
	creation.spec.warnings.strangers = true;
	if (creation_plan(&creation, command, "check", true, &refused) < 0)
		finding_add(&check.findings, SEVERITY_ERROR, refused.pointer, refused.message,
			refused.hint);
	else
		host_check(&check, &creation);
	warnings_take(&check);
	return check_conclude(&check, command, err);
}

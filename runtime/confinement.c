/*
 * A label that nobody enforces is worse than none: who asked for it believes to be confined. The
 * kernel is asked about the module itself, never about a mount that a host may have forgotten or
 * an image may imitate.
 */
#include "runtime/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/build.h"

/* Reads the beginning of a file; the empty string when there is none. */
static void beginning_read(const char *path, char *text, size_t size)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);

	text[length < 0 ? 0 : length] = '\0';
}

/* Only a kernel that runs SELinux has the filesystem that it is ruled by. */
static bool selinux_runs(void)
{
	char text[8192];

	beginning_read("/proc/filesystems", text, sizeof(text));
	return strstr(text, "\tselinuxfs\n") != NULL;
}

static bool apparmor_runs(void)
{
	char text[2];

	beginning_read("/sys/module/apparmor/parameters/enabled", text, sizeof(text));
	return text[0] == 'Y';
}

static int module_missing(const struct spec *spec, const struct spec_process *process,
	const void *label, const char *module, struct error *err)
{
	char pointer[sizeof(err->pointer)];

	plan_pointer(spec, process, label, pointer, sizeof(pointer));
	error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"this kernel does not run %s: the label would not confine anything", module);
	error_pointer(err, "%s", pointer);
	error_hint(err, "remove the label, or boot a kernel with %s", module);
	return -EOPNOTSUPP;
}

int confinement_check(
	const struct spec *spec, const struct spec_process *process, struct error *err)
{
	const struct spec_linux *linux = spec->config.linux;
	const char *const *label = NULL;

	if (process != NULL && process->selinux_label != NULL)
		label = &process->selinux_label;
	else if (linux != NULL && linux->mount_label != NULL)
		label = &linux->mount_label;
	if (label != NULL && !selinux_runs())
		return module_missing(spec, process, label, "SELinux", err);
	if (process != NULL && process->apparmor_profile != NULL && !apparmor_runs())
		return module_missing(spec, process, &process->apparmor_profile, "AppArmor", err);
	return 0;
}

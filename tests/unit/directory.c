/* What a directory is called, whatever way was taken to it: always what realpath(3) says. */
#include <errno.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "tests/unit/state_place.h"

/* Absolute ones begin at the place. */
static const char *const paths[] = {
	"/bundle/rootfs",
	"/bundle/rootfs/",
	"/bundle//rootfs",
	"/bundle/./rootfs",
	"/bundle/../bundle/rootfs",
	"/bundle/link",
	"/link/rootfs",
	"/link/../bundle/.hidden",
	"/bundle/.hidden",
	"/bundle/..also",
	"/",
	"rootfs",
	"rootfs/",
	"./rootfs",
	"..",
	".",
	"link",
	"../link/rootfs",
	"rootfs/deep/er",
};

static void test_path(const char *path, int base, const char *above)
{
	char absolute[PATH_MAX] = "", want[PATH_MAX] = "";
	auto_fd int fd = directory_find(base, above, path, absolute);

	ok(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC), "%s is found", path);
	is_string(absolute, realpath(path, want), "and called by its name");
}

int main(void)
{
	char bundle[PATH_MAX], path[PATH_MAX], absolute[PATH_MAX];

	place_make();
	place_shell(
		"mkdir -p bundle/rootfs/deep/er bundle/.hidden bundle/..also && touch bundle/file "
		"&& ln -s rootfs bundle/link && ln -s bundle link");
	snprintf(bundle, sizeof(bundle), "%s/bundle", place);
	if (chdir(bundle) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < array_size(paths); i++) {
		auto_fd int base = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);

		snprintf(path, sizeof(path), "%s%s", paths[i][0] == '/' ? place : "", paths[i]);
		test_path(path, AT_FDCWD, NULL);
		test_path(path, base, bundle);
	}
	is_number(directory_find(AT_FDCWD, NULL, "file", absolute), -ENOTDIR, "a file is none");
	is_number(directory_find(AT_FDCWD, NULL, "none", absolute), -ENOENT, "nor is nothing");
	is_number(directory_find(AT_FDCWD, NULL, "", absolute), -ENOENT, "nor is no path");
	place_remove();
	return tap_end();
}

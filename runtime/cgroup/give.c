/*
 * Delegation, as cgroups(7) describes it: whoever owns the directory can make cgroups below it, and
 * whoever owns a few of its files can move processes there. The limits stay who made them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/file.h"

int cgroup_give(const char *directory, uid_t uid, struct error *err)
{
	char list[4096];
	auto_fd int fd = cgroup_file_open(directory, "", O_RDONLY | O_DIRECTORY);
	int r = fd < 0 ? fd : fchown(fd, uid, (gid_t)-1) < 0 ? -errno : 0;
	char *rest = list, *file;

	if (cgroup_file_read("/sys/kernel/cgroup", "delegate", list, sizeof(list)) < 0)
		strcpy(list, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads");
	while (r == 0 && (file = strsep(&rest, "\n")))
		if (file[0] && fchownat(fd, file, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno != ENOENT)
			r = -errno;
	if (r < 0)
		return error_set(err, ERROR_CGROUP, -r, "cannot give the cgroup %s to user %u: %s",
			directory, uid, strerror(-r));
	return 0;
}

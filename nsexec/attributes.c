/*
 * mount_setattr (Linux 5.12) changes exactly the bits that it is told to. For 5.10 there is
 * mount(2), which replaces all of them, so that the present ones are read first, which changes one
 * mount only, so that those below are looked for, and which wants a path: the magic link of the
 * descriptor, below a procfs that can be trusted, is the only path that ever reaches it.
 */
#include "nsexec/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "nsexec/attributes_below.h"
#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/syscalls.h"

/* One attribute in the three ways in which the kernel speaks of it. */
static const struct {
	uint64_t attribute;
	unsigned long flag;   /* mount(2) */
	unsigned long status; /* statfs(2) */
} attribute_rows[] = {
	{MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY},
	{MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID},
	{MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV},
	{MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC},
	{MOUNT_ATTR_NOATIME, MS_NOATIME, ST_NOATIME},
	{MOUNT_ATTR_STRICTATIME, MS_STRICTATIME, 0},
	{MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME},
	{MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, 0x2000 /* ST_NOSYMFOLLOW */},
};

unsigned long attributes_classic(uint64_t set)
{
	/* None of the three would mean "as before" to a remount. */
	unsigned long flags = set & MOUNT_ATTR__ATIME ? 0 : MS_RELATIME;

	for (size_t i = 0; i < array_size(attribute_rows); i++)
		if (set & attribute_rows[i].attribute)
			flags |= attribute_rows[i].flag;
	return flags;
}

int mount_classic(struct gate *gate, const char *source, int target, const char *type,
	unsigned long flags, const char *data)
{
	char path[sizeof("self/fd/") + NUMBER_SIZE] = "self/fd/";
	auto_fd int here = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int proc = gate_proc(gate), error = 0;

	if (proc < 0)
		return proc;
	number_write(path + strlen(path), (uint64_t)target);
	if (here < 0 || fchdir(proc) < 0)
		return -errno;
	if (mount(source, path, type, flags, data) < 0)
		error = -errno;
	return fchdir(here) < 0 && error == 0 ? -errno : error;
}

/* The attributes of a mount as they are now. */
static int attributes_read(int fd, uint64_t *attributes)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	*attributes =
		(unsigned long)fs.f_flags & (ST_NOATIME | ST_RELATIME) ? 0 : MOUNT_ATTR_STRICTATIME;
	for (size_t i = 0; i < array_size(attribute_rows); i++)
		if ((unsigned long)fs.f_flags & attribute_rows[i].status)
			*attributes |= attribute_rows[i].attribute;
	return 0;
}

static int setattr(int fd, unsigned int at, struct mount_attr *attr)
{
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | at, attr) < 0 ? -errno : 0;
}

/* One mount by mount(2). */
static int attributes_remount(struct gate *gate, int fd, uint64_t set, uint64_t clear)
{
	uint64_t now = 0;
	int error = attributes_read(fd, &now);

	if (error < 0)
		return error;
	return mount_classic(gate, NULL, fd, NULL,
		MS_REMOUNT | MS_BIND | attributes_classic((now & ~clear) | set), NULL);
}

int attributes_set(
	struct gate *gate, int fd, unsigned int at, uint64_t set, uint64_t clear, const char *path)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};
	int error;

	/* How access times are kept is one number, not a set of bits: it is replaced as a whole. */
	if ((set | clear) & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	error = setattr(fd, at, &attr);
	if (error == -ENOSYS) {
		error = attributes_remount(gate, fd, set, attr.attr_clr);
		if (error == 0 && at != 0)
			error = attributes_below(gate, fd, set, attr.attr_clr, attributes_remount);
	}
	return error < 0 ? gate_failed(gate, WIRE_CALL_mount_attributes, error, path) : 0;
}

int attributes_map(struct gate *gate, int fd, unsigned int at, int users, const char *path)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)(unsigned int)users};
	int error = setattr(fd, at, &attr);

	return error < 0 ? gate_failed(gate, WIRE_CALL_map_ids, error, path) : 0;
}

int propagation_set(struct gate *gate, int fd, uint64_t flags, const char *path)
{
	struct mount_attr attr = {.propagation = flags & ~(uint64_t)MS_REC};
	int error = setattr(fd, flags & MS_REC ? AT_RECURSIVE : 0, &attr);

	if (error == -ENOSYS)
		error = mount_classic(gate, NULL, fd, NULL, flags, NULL);
	return error < 0 ? gate_failed(gate, WIRE_CALL_mount_propagation, error, path) : 0;
}

static uint64_t propagation_flags(const char *word)
{
	static const struct {
		const char *word;
		uint64_t flag;
	} rows[] = {
		{"shared", MS_SHARED},
		{"slave", MS_SLAVE},
		{"private", MS_PRIVATE},
		{"unbindable", MS_UNBINDABLE},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		if (strcmp(word, rows[i].word) == 0)
			return rows[i].flag;
		if (word[0] == 'r' && strcmp(word + 1, rows[i].word) == 0)
			return rows[i].flag | MS_REC;
	}
	return 0;
}

int propagation_set_words(struct gate *gate, int fd, plan_list words, const char *path)
{
	int error = 0;

	for (uint32_t i = 0; i < words.count && error == 0; i++) {
		const char *word = plan_item(gate->plan, words, i);
		uint64_t flags = propagation_flags(word);

		if (flags == 0)
			error = gate_failed(gate, WIRE_CALL_mount_propagation, EINVAL, word);
		else
			error = propagation_set(gate, fd, flags, path);
	}
	return error;
}

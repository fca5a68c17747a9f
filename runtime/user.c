/*
 * The files belong to the container, which may have made anything of them: they are opened below
 * its root without following a link out of it, must be regular and small, and a number in them is a
 * number or the line does not count. CVE-2026-30892: a word that is not wholly a number is a name,
 * and a name that is not found is an error, never user 0.
 */
#include "runtime/user.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/number.h"

#define FILE_MAX_SIZE (1 << 20)
#define ID_MAX (UINT32_MAX - 1)
#define FIELDS 4 /* of a line that are looked at: name, password, id, then group or members */

/* The text of a file below root, in arena; NULL when it cannot be used. */
static char *file_read(int root, const char *path, struct arena *arena)
{
	auto_fd int fd = sys_openat2(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0,
		RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	struct stat file;
	char *text;
	size_t size, done = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode) ||
		file.st_size > FILE_MAX_SIZE)
		return NULL;
	size = (size_t)file.st_size;
	text = arena_alloc(arena, size + 1);
	while (text && done < size && (got = read(fd, text + done, size - done)) > 0)
		done += (size_t)got;
	return got < 0 ? NULL : text;
}

/* The next line that has all fields; they end with NUL. False at the end of the text. */
static bool line_next(char **text, char *fields[FIELDS])
{
	char *line;

	while (*text && (line = strsep(text, "\n"))) {
		int count = 0;

		while (line && count < FIELDS)
			fields[count++] = strsep(&line, ":");
		if (count == FIELDS)
			return true;
	}
	return false;
}

/* passwd: the ids of a name. */
static bool passwd_find(char *text, const char *name, uint32_t *uid, uint32_t *gid)
{
	char *fields[FIELDS] = {0};

	while (line_next(&text, fields))
		if (strcmp(fields[0], name) == 0)
			return number_parse(fields[2], ID_MAX, uid, NULL) == 0 &&
				number_parse(fields[3], ID_MAX, gid, NULL) == 0;
	return false;
}

/* group: the id of a name. */
static bool group_find(char *text, const char *name, uint32_t *gid)
{
	char *fields[FIELDS] = {0};

	while (line_next(&text, fields))
		if (strcmp(fields[0], name) == 0)
			return number_parse(fields[2], ID_MAX, gid, NULL) == 0;
	return false;
}

static bool members_have(char *members, const char *name)
{
	const char *member;

	while ((member = strsep(&members, ",")))
		if (strcmp(member, name) == 0)
			return true;
	return false;
}

/* group: the ids of all groups that list a user. */
static void groups_collect(
	char *text, const char *name, struct arena *arena, struct uint_list *groups)
{
	char *fields[FIELDS] = {0};
	uint32_t gid;

	while (line_next(&text, fields)) {
		uint64_t *grown;

		if (!members_have(fields[3], name) ||
			number_parse(fields[2], ID_MAX, &gid, NULL) < 0)
			continue;
		grown = arena_alloc(arena, (groups->count + 1) * sizeof(*grown));
		if (!grown)
			return;
		if (groups->count > 0)
			memcpy(grown, groups->items, groups->count * sizeof(*grown));
		grown[groups->count] = gid;
		*groups = (struct uint_list){
			.count = groups->count + 1, .given = true, .items = grown};
	}
}

static int user_invalid(const char *text, struct error *err)
{
	return error_set(
		err, ERROR_USAGE, EINVAL, "invalid user \"%s\": not USER or USER:GROUP", text);
}

static int name_missing(const char *what, const char *name, const char *path, struct error *err)
{
	error_set(err, ERROR_USAGE, ENOENT, "there is no %s \"%s\" in the container's %s", what,
		name, path);
	error_value(err, "%s", name);
	error_hint(err, "a number needs no entry");
	return -ENOENT;
}

int user_find(
	int root, const char *text, struct arena *arena, struct spec_user *user, struct error *err)
{
	char *name = arena_copy(arena, text, strcspn(text, ":"));
	const char *group = strchr(text, ':');
	uint32_t uid, gid = 0;
	int result;

	if (!name)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (*name == '\0' || (group && group[1] == '\0'))
		return user_invalid(text, err);
	result = number_parse(name, ID_MAX, &uid, NULL);
	if (result == -ERANGE)
		return user_invalid(text, err);
	if (result < 0) {
		if (!passwd_find(file_read(root, "etc/passwd", arena), name, &uid, &gid))
			return name_missing("user", name, "/etc/passwd", err);
		if (!group)
			groups_collect(file_read(root, "etc/group", arena), name, arena,
				&user->additional_gids);
	}
	if (group && number_parse(group + 1, ID_MAX, &gid, NULL) < 0 &&
		!group_find(file_read(root, "etc/group", arena), group + 1, &gid))
		return name_missing("group", group + 1, "/etc/group", err);
	user->uid = (struct maybe_uint){true, uid};
	user->gid = (struct maybe_uint){true, gid};
	return 0;
}

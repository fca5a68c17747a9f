/*
 * Options are split here as mount(8) does it: at commas outside double quotes, which SELinux labels
 * are put in and which the kernel's parser of a context does not take away.
 */
#include "nsexec/options.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "nsexec/cleanup.h"
#include "nsexec/gate.h"
#include "nsexec/syscalls.h"

#define OPTION_SIZE 256 /* fsconfig(2)'s limit for a value with its NUL */

/* The length of the first entry of a list. */
static size_t option_length(const char *data)
{
	int quoted = 0;
	size_t length = 0;

	for (; data[length] != '\0' && (quoted || data[length] != ','); length++)
		if (data[length] == '"')
			quoted = !quoted;
	return length;
}

/* The entry after the first, or NULL. */
static const char *option_next(const char *data)
{
	size_t length = option_length(data);

	return data[length] == ',' ? data + length + 1 : NULL;
}

int options_need_mount(const char *data)
{
	for (; data != NULL; data = option_next(data)) {
		size_t length = option_length(data);

		if (length >= OPTION_SIZE || memchr(data, '\\', length) != NULL)
			return 1;
	}
	return 0;
}

int options_have(const char *data, const char *name)
{
	size_t length = strlen(name);

	for (; data != NULL; data = option_next(data))
		if (strncmp(data, name, length) == 0 &&
			(data[length] == '=' || data[length] == ',' || data[length] == '\0'))
			return 1;
	return 0;
}

int options_set(struct gate *gate, int context, const char *name, const char *value)
{
	unsigned int command = value != NULL ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

	if (sys_fsconfig(context, command, name, value, 0) < 0)
		return gate_failed(gate, WIRE_CALL_mount_data, 0, name);
	return 0;
}

/* One entry, name or name=value; quotes around the value are taken away. */
static int option_set(struct gate *gate, int context, const char *data, size_t length)
{
	char name[OPTION_SIZE], *value;
	size_t end;

	memcpy(name, data, length);
	name[length] = '\0';
	value = strchr(name, '=');
	if (value == NULL)
		return options_set(gate, context, name, NULL);
	*value++ = '\0';
	end = strlen(value);
	if (end >= 2 && value[0] == '"' && value[end - 1] == '"') {
		value[end - 1] = '\0';
		value++;
	}
	if (sys_fsconfig(context, FSCONFIG_SET_STRING, name, value, 0) == 0)
		return 0;
	end = (size_t)errno;
	memcpy(name, data, length);
	return gate_failed(gate, WIRE_CALL_mount_data, (int)end, name);
}

static int options_set_flags(struct gate *gate, int context, uint64_t flags)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} rows[] = {
		{MS_RDONLY, "ro"},
		{MS_SYNCHRONOUS, "sync"},
		{MS_DIRSYNC, "dirsync"},
		{MS_MANDLOCK, "mand"},
		{MS_LAZYTIME, "lazytime"},
	};
	int error = 0;

	for (size_t i = 0; i < array_size(rows) && error == 0; i++)
		if (flags & rows[i].flag)
			error = options_set(gate, context, rows[i].name, NULL);
	/* Kernels differ in which filesystems still know this word; none fails without it. */
	if (error == 0 && (flags & MS_I_VERSION))
		sys_fsconfig(context, FSCONFIG_SET_FLAG, "iversion", NULL, 0);
	return error;
}

int options_set_all(struct gate *gate, int context, uint64_t flags, const char *data)
{
	int error = options_set_flags(gate, context, flags);

	for (; data != NULL && error == 0; data = option_next(data)) {
		size_t length = option_length(data);

		if (length >= OPTION_SIZE)
			return gate_failed(gate, WIRE_CALL_mount_data, ENAMETOOLONG, data);
		if (length > 0)
			error = option_set(gate, context, data, length);
	}
	return error;
}

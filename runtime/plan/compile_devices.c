/*
 * What is in /dev: the nodes that every program may count on, those that the configuration lists,
 * and a few links. A /dev that is bound from elsewhere is its owner's: nothing is made in it.
 */
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/compile_parts.h"

#define DEFAULT_MODE 0666

static const struct {
	const char *path;
	int64_t major, minor;
} default_devices[] = {
	{"/dev/null", 1, 3},
	{"/dev/zero", 1, 5},
	{"/dev/full", 1, 7},
	{"/dev/random", 1, 8},
	{"/dev/urandom", 1, 9},
	{"/dev/tty", 5, 0},
};

static const struct {
	const char *path, *target;
} default_links[] = {
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/core", "/proc/kcore"},
	{"/dev/ptmx", "pts/ptmx"},
};

/* A node is no directory: the slashes behind its name say nothing. */
static const char *device_path(struct compile *c, const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return path[length] == '\0' ? path : compile_text(c, "%.*s", (int)length, path);
}

static bool device_listed(const struct compile *c, const char *path)
{
	for (uint32_t i = 0; i < c->linux->devices.count; i++)
		if (strcmp(c->linux->devices.items[i].path, path) == 0)
			return true;
	return false;
}

/* In a user namespace nobody can make a node that works: the host's is bound. */
static bool devices_bound(const struct compile *c)
{
	return c->mapped || !c->input->privileged;
}

static void compile_default_devices(struct compile *c)
{
	for (size_t i = 0; i < array_size(default_devices); i++) {
		struct step_device *device;
		plan_text path;

		if (device_listed(c, default_devices[i].path))
			continue;
		path = plan_copy(&c->builder, default_devices[i].path);
		device = PLAN_ADD(&c->builder, device);
		device->path = path;
		device->type = S_IFCHR;
		device->major = default_devices[i].major;
		device->minor = default_devices[i].minor;
		device->mode = DEFAULT_MODE;
		device->bind = devices_bound(c);
	}
}

static void compile_device(struct compile *c, const struct spec_device *listed)
{
	struct step_device *device;
	plan_text path;

	plan_origin(&c->builder, listed);
	path = plan_copy(&c->builder, device_path(c, listed->path));
	device = PLAN_ADD(&c->builder, device);
	device->path = path;
	device->type = (uint64_t)listed->type.value;
	device->major = listed->major.value;
	device->minor = listed->minor.value;
	/* Engines write the type into the mode as well. */
	device->mode = listed->file_mode.given ? listed->file_mode.value & 07777 : DEFAULT_MODE;
	device->uid = (int64_t)listed->uid.value;
	device->gid = (int64_t)listed->gid.value;
	device->bind = devices_bound(c) && device->type != S_IFIFO;
	if (device->bind && (device->uid != 0 || device->gid != 0))
		plan_warn(&c->builder, listed,
			"in a user namespace %s is the host's node, bound: it keeps its owner",
			listed->path);
}

static void compile_links(struct compile *c)
{
	for (size_t i = 0; i < array_size(default_links); i++) {
		plan_text path, target;
		struct step_symlink *link;

		path = plan_copy(&c->builder, default_links[i].path);
		target = plan_copy(&c->builder, default_links[i].target);
		link = PLAN_ADD(&c->builder, symlink);
		link->path = path;
		link->target = target;
	}
}

void compile_devices(struct compile *c)
{
	bool left_out = false;

	if (!c->host_dev)
		compile_default_devices(c);
	for (uint32_t i = 0; i < c->linux->devices.count; i++) {
		const struct spec_device *device = &c->linux->devices.items[i];

		if (c->host_dev && strncmp(device->path, "/dev/", 5) == 0)
			left_out = true;
		else
			compile_device(c, device);
	}
	if (left_out)
		plan_warn(&c->builder, &c->linux->devices,
			"/dev is a bind mount: the devices below it are those of its source");
	plan_origin(&c->builder, NULL);
	if (!c->host_dev)
		compile_links(c);
}

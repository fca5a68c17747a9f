/* What mount options come to in a plan. */
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "nsexec/syscalls.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

static const char frame[] = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},"
			    "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
			    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[%s]}";

static int open_with(struct fixture *f, const char *mount)
{
	char json[2048];
	int length = snprintf(json, sizeof(json), frame, mount);

	return fixture_open(f, json, (size_t)length, &host_v2) < 0 ? -1 : fixture_compile(f);
}

static const struct row {
	const char *mount;
	uint64_t flags, set, clear, rset, rclear, extras;
	const char *data, *source, *target;
} rows[] = {
	{.mount = "{\"destination\":\"/a\",\"source\":\"b\",\"options\":[\"bind\"]}",
		.extras = PLAN_MOUNT_BIND,
		.source = "/srv/box/b",
		.target = "/a"},
	{.mount = "{\"destination\":\"/a\",\"source\":\"/b\",\"type\":\"none\","
		  "\"options\":[\"rbind\",\"ro\",\"rw\",\"nosuid\"]}",
		.extras = PLAN_MOUNT_BIND | PLAN_MOUNT_RECURSIVE,
		.set = MOUNT_ATTR_NOSUID,
		.clear = MOUNT_ATTR_RDONLY,
		.source = "/b",
		.target = "/a"},
	{.mount = "{\"destination\":\"/a\",\"source\":\"/b\",\"options\":[\"bind\",\"rw\",\"ro\"]}",
		.extras = PLAN_MOUNT_BIND,
		.set = MOUNT_ATTR_RDONLY,
		.source = "/b",
		.target = "/a"},
	{.mount = "{\"destination\":\"/a\",\"source\":\"/b\","
		  "\"options\":[\"bind\",\"strictatime\",\"noatime\"]}",
		.extras = PLAN_MOUNT_BIND,
		.set = MOUNT_ATTR_NOATIME,
		.clear = MOUNT_ATTR__ATIME,
		.source = "/b",
		.target = "/a"},
	{.mount = "{\"destination\":\"/a\",\"source\":\"/b\","
		  "\"options\":[\"rbind\",\"rro\",\"rnosuid\",\"rsuid\",\"rnoatime\"]}",
		.extras = PLAN_MOUNT_BIND | PLAN_MOUNT_RECURSIVE,
		.rset = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME,
		.rclear = MOUNT_ATTR_NOSUID | MOUNT_ATTR__ATIME,
		.source = "/b",
		.target = "/a"},
	{.mount = "{\"destination\":\"/t\",\"type\":\"tmpfs\","
		  "\"options\":[\"defaults\",\"size=1m\",\"relatime\",\"ro\",\"mode=700\","
		  "\"tmpcopyup\"]}",
		.extras = PLAN_MOUNT_TMPCOPYUP | PLAN_MOUNT_READONLY_LATE,
		.set = MOUNT_ATTR_RDONLY,
		.data = "size=1m,mode=700",
		.source = "tmpfs",
		.target = "/t"},
	{.mount = "{\"destination\":\"/d\",\"type\":\"ext4\",\"source\":\"/dev/sda\","
		  "\"options\":[\"ro\",\"sync\",\"async\",\"lazytime\"]}",
		.flags = MS_RDONLY | MS_LAZYTIME,
		.set = MOUNT_ATTR_RDONLY,
		.source = "/dev/sda",
		.target = "/d"},
	{.mount = "{\"destination\":\"proc\",\"type\":\"proc\",\"options\":[\"hidepid=2\"]}",
		.data = "hidepid=2",
		.source = "proc",
		.target = "/proc"},
	{.mount = "{\"destination\":\"/dev\",\"type\":\"devtmpfs\",\"options\":[\"ro\"]}",
		.extras = PLAN_MOUNT_READONLY_LATE,
		.set = MOUNT_ATTR_RDONLY,
		.source = "devtmpfs",
		.target = "/dev"},
	{.mount = "{\"destination\":\"/a\",\"options\":[\"remount\",\"noexec\",\"dev\"]}",
		.extras = PLAN_MOUNT_REMOUNT,
		.set = MOUNT_ATTR_NOEXEC,
		.clear = MOUNT_ATTR_NODEV,
		.source = "",
		.target = "/a"},
	{.mount = "{\"destination\":\"/a\",\"options\":[\"remount\",\"async\",\"sync\",\"size=1m\","
		  "\"lazytime\",\"rw\",\"nolazytime\",\"rnomand\"]}",
		.extras = PLAN_MOUNT_REMOUNT,
		.flags = MS_SYNCHRONOUS,
		.clear = MOUNT_ATTR_RDONLY,
		.data = "size=1m,nolazytime,nomand",
		.source = "",
		.target = "/a"},
};

static void check_row(const struct row *row)
{
	struct fixture f;
	const struct step_mount *m;

	if (!ok(open_with(&f, row->mount) == 0, "%s compiles", row->mount)) {
		printf("# %s: %s\n", f.err.pointer, f.err.message);
		fixture_close(&f);
		return;
	}
	m = fixture_step(&f, STEP_mount, 0);
	ok(m->flags == row->flags && m->set == row->set && m->clear == row->clear &&
			m->rset == row->rset && m->rclear == row->rclear &&
			m->extras == row->extras,
		"its bits: %#lx +%#lx -%#lx, below +%#lx -%#lx, extras %#lx", (long)m->flags,
		(long)m->set, (long)m->clear, (long)m->rset, (long)m->rclear, (long)m->extras);
	is_string(plan_string(f.compiled.plan, m->data), row->data, "its data");
	is_string(plan_string(f.compiled.plan, m->source), row->source, "its source");
	is_string(plan_string(f.compiled.plan, m->target), row->target, "its target");
	fixture_close(&f);
}

static void check_warnings(void)
{
	struct fixture f;

	open_with(&f, "{\"destination\":\"a\",\"source\":\"/b\",\"options\":[\"bind\",\"sync\"]}");
	is_number(f.warnings.count, 2, "a relative target and a useless word are two warnings");
	if (f.warnings.count == 2) {
		is_string(f.warnings.items[0].pointer, "/mounts/0/options/1", "the word's");
		is_string(f.warnings.items[1].pointer, "/mounts/0/destination", "the target's");
	}
	fixture_close(&f);
}

static void check_namespace(void)
{
#define BARE \
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/" \
	"\",\"args\":[\"a\"]}"
	static const char bare[] = BARE "}";
	static const char mounting[] =
		BARE ",\"mounts\":[{\"destination\":\"/m\",\"type\":\"tmpfs\"}]}";
	struct fixture f;

	fixture_open(&f, mounting, strlen(mounting), &host_v2);
	ok(fixture_compile(&f) < 0 && f.err.code == ERROR_CONFIG_RULE,
		"without a mount namespace nothing is mounted on the host");
	fixture_close(&f);
	fixture_open(&f, bare, strlen(bare), &host_v2);
	ok(fixture_compile(&f) == 0 && fixture_step(&f, STEP_confine, 0) != NULL &&
			fixture_step(&f, STEP_propagation, 0) == NULL &&
			fixture_step(&f, STEP_pivot, 0) == NULL,
		"and its root is confined");
	fixture_close(&f);
#undef BARE
}

int main(void)
{
	for (size_t i = 0; i < array_size(rows); i++)
		check_row(&rows[i]);
	check_warnings();
	check_namespace();
	return tap_end();
}

/* Where a container's cgroup lies, on hosts of many kinds: their mountinfo and /proc/self/cgroup as
 * text. */
#include <errno.h>
#include <unistd.h>

#include "runtime/cgroup/cgroup.h"
#include "spec/arena.h"
#include "tests/unit/tap.h"

#define TMPFS "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
#define UNIFIED "41 31 0:38 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define MEMORY \
	"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:7 master:1 - cgroup cgroup " \
	"rw,memory\n"
#define CPU "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
#define SYSTEMD \
	"40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup " \
	"rw,xattr,release_agent=/x,name=systemd\n"

static struct arena arena;

/* "mount controllers own mode" of each hierarchy, joined with "; ", after the mode's number. */
static const char *host_text(const struct cgroup_host *host)
{
	const char *text = arena_format(&arena, "%d", host->mode);

	for (uint32_t i = 0; i < host->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &host->hierarchies[i];

		text = arena_format(&arena, "%s; %s [%s] %s%s", text, hierarchy->mount,
			hierarchy->controllers, hierarchy->own, hierarchy->unified ? " u" : "");
	}
	return text;
}

static const struct {
	const char *name, *mountinfo, *own, *want;
} hosts[] = {
	{"no cgroups", "23 1 0:1 / / rw - ext4 /dev/vda rw\n", "", "0"},
	{"pure v2", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/user.slice/a\n",
		"3; /sys/fs/cgroup [] /user.slice/a u"},
	{"v1, two controllers in one mount, listed the other way round", TMPFS CPU MEMORY,
		"3:cpuacct,cpu:/\n2:memory:/a/b\n",
		"1; /sys/fs/cgroup/cpu,cpuacct [cpuacct,cpu] /; /sys/fs/cgroup/memory [memory] "
		"/a/b"},
	{"hybrid with a named hierarchy", TMPFS MEMORY SYSTEMD UNIFIED,
		"9:name=systemd:/s\n4:memory:/\n0::/\n",
		"2; /sys/fs/cgroup/systemd [name=systemd] /s; /sys/fs/cgroup/memory [memory] /; "
		"/sys/fs/cgroup/unified [] / u"},
	{"a hierarchy that is mounted nowhere", TMPFS MEMORY, "5:freezer:/\n4:memory:/\n",
		"1; /sys/fs/cgroup/memory [memory] /"},
	{"another mount point, with a space",
		"35 31 0:32 / /cg/my\\040memory rw - cgroup none rw,memory\n", "4:memory:/x\n",
		"1; /cg/my memory [memory] /x"},
	{"mounted twice: the usual place wins",
		"30 23 0:32 / /mnt/memory rw - cgroup none rw,memory\n" MEMORY
		"36 23 0:32 / /opt/memory rw - cgroup none rw,memory\n",
		"4:memory:/x\n", "1; /sys/fs/cgroup/memory [memory] /x"},
	{"a part of the hierarchy is mounted: own is below it",
		"35 31 0:32 /docker/c1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"4:memory:/docker/c1/in\n", "1; /sys/fs/cgroup/memory [memory] /in"},
	{"the whole tree is preferred to a part without us",
		"35 31 0:32 /other /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		"36 31 0:32 / /mnt/memory rw - cgroup cgroup rw,memory\n",
		"4:memory:/docker/c1\n", "1; /mnt/memory [memory] /docker/c1"},
	{"a name that begins like the root's is not below it",
		"35 31 0:32 /docker/c1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"4:memory:/docker/c10\n", "1; /sys/fs/cgroup/memory [memory] /"},
	{"outside of our cgroup namespace", MEMORY, "4:memory:/../elsewhere\n",
		"1; /sys/fs/cgroup/memory [memory] /"},
};

static void test_hosts(void)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct cgroup_host host;

		cgroup_parse(hosts[i].mountinfo, hosts[i].own, &arena, &host);
		is_string(host_text(&host), hosts[i].want, "%s", hosts[i].name);
	}
}

/* Directories of a hybrid host, joined with " "; NULL when the path is refused, with its value. */
static const char *place_text(const char *path, enum cgroup_driver driver)
{
	struct cgroup_place place;
	struct cgroup_host host;
	struct error err = {0};
	const char *text = "";

	cgroup_parse(TMPFS MEMORY CPU UNIFIED, "2:memory:/own\n3:cpu,cpuacct:/\n0::/user/me\n",
		&arena, &host);
	if (cgroup_place(&host, driver, path, "id1", &arena, &place, &err) < 0)
		return path && strcmp(err.value, path) == 0
			? NULL
			: arena_copy(&arena, err.message, strlen(err.message));
	for (uint32_t i = 0; i < place.count; i++)
		text = arena_format(
			&arena, "%s%s ", text, place.directories[i] + strlen("/sys/fs/cgroup"));
	return text;
}

static const struct {
	const char *name, *path, *want;
} places[] = {
	{"absent: the id below our own", NULL, "/memory/own/id1 /cpu,cpuacct/id1 /unified/id1 "},
	{"relative: below our own", "a/b", "/memory/own/a/b /cpu,cpuacct/a/b /unified/a/b "},
	{"absolute: below the mount points", "/a/b", "/memory/a/b /cpu,cpuacct/a/b /unified/a/b "},
	{"slashes and dots are tidied", "//a/.//b/", "/memory/a/b /cpu,cpuacct/a/b /unified/a/b "},
	{"three dots are a name", "/...", "/memory/... /cpu,cpuacct/... /unified/... "},
	{".. is refused at the start", "../x", NULL},
	{".. is refused in the middle", "/a/../../x", NULL},
	{".. is refused at the end", "/a/..", NULL},
	{"the root itself is refused", "/", NULL},
	{"our own cgroup itself is refused", ".", NULL},
};

static void test_places(void)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		is_string(place_text(places[i].path, CGROUP_CGROUPFS), places[i].want, "%s",
			places[i].name);
	is_string(place_text("/a", CGROUP_DISABLED), "", "disabled: nowhere");
	is_string(place_text("a.slice:b:c", CGROUP_CGROUPFS), NULL, "systemd's form is refused");
	is_string(place_text("/a:b:c", CGROUP_CGROUPFS),
		"/memory/a:b:c /cpu,cpuacct/a:b:c /unified/a:b:c ", "colons alone are none");
}

/* The host that we run on. */
static void test_probe(void)
{
	struct cgroup_host host;
	struct error err = {0};

	is_number(cgroup_probe(&arena, &host, &err), 0, "this host is probed %s", err.message);
	for (uint32_t i = 0; i < host.count; i++) {
		const char *path = arena_format(&arena, "%s%s/cgroup.procs",
			host.hierarchies[i].mount, host.hierarchies[i].own);
		FILE *file = fopen(path, "re");
		char line[32];
		bool found = false;

		while (file && fgets(line, sizeof(line), file))
			found |= atoi(line) == getpid();
		if (file)
			fclose(file);
		ok(found, "%s holds us", path);
	}
}

int main(void)
{
	test_hosts();
	test_places();
	test_probe();
	arena_free(&arena);
	return tap_end();
}

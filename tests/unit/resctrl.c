/* Shares of caches: what is written in which order, what counts as the same, and whose a group is.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/resctrl.h"
#include "spec/arena.h"
#include "tests/unit/tap.h"

static const struct comparison {
	const char *wanted, *present;
	bool same;
} comparisons[] = {
	{"L3:0=f\n", "    L3:0=f\n", true},
	{"L3:0=0f\n", "L3:0=f;1=ff\n", true},
	{"L3:1=FF;0=f\n", "    MB:0=100;1=100\n    L3:0=00f;1=0ff\n", true},
	{"L3: 00 = f ; 1=ff\n", "L3:0=f;1=ff\n", true},
	{"L3:0=f\nMB:0=20\n", "L3:0=f\nMB:0=20;1=100\n", true},
	{"L3:0=f\nMB:0=20\n", "L3:0=f\nMB:0=100\n", false},
	{"L3:0=f\n", "L3:0=ff\n", false},
	{"L3:0=f\n", "L3:1=f\n", false},
	{"L3:0=f\n", "L3CODE:0=f\n", false},
	{"L3:0=f\n", "", false},
	{"L3:0=ff\nL3:0=f\n", "L3:0=f\n", true},
	{"L3:0=0\n", "L3:0=00\n", true},
};

static void check_comparisons(void)
{
	for (size_t i = 0; i < array_size(comparisons); i++)
		ok(resctrl_matches(comparisons[i].wanted, comparisons[i].present) ==
				comparisons[i].same,
			"%s and %s are %s", comparisons[i].wanted, comparisons[i].present,
			comparisons[i].same ? "the same" : "not the same");
}

static void check_lines(void)
{
	const char *more[] = {"MB:1=30", "L3:1=3"};
	struct spec_intel_rdt rdt = {.mem_bw_schema = "MB:0=20", .l3_cache_schema = "L3:0=f"};
	struct arena arena = {0};

	is_string(resctrl_lines(&arena, &rdt), "L3:0=f\nMB:0=20\n",
		"[config-linux-rdt-08] the cache before the bandwidth");
	rdt.schemata = (struct string_list){.count = 2, .given = true, .items = more};
	is_string(resctrl_lines(&arena, &rdt), "L3:0=f\nMB:0=20\nMB:1=30\nL3:1=3\n",
		"[config-linux-rdt-10] schemata after both");
	rdt = (struct spec_intel_rdt){.mem_bw_schema = "MB:0=20"};
	is_string(resctrl_lines(&arena, &rdt), "MB:0=20\n",
		"[config-linux-rdt-09] or only the one that is given");
	rdt = (struct spec_intel_rdt){.clos_id = "x"};
	is_string(resctrl_lines(&arena, &rdt), NULL,
		"[config-linux-rdt-11] nothing to write without any");
	arena_free(&arena);
}

static void file_make(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		ok(false, "%s is written", path);
}

/* An ordinary directory stands for the filesystem: it has no files of its own in a new group. */
static void check_groups(void)
{
	struct spec_cgroup_directory both[] = {
		{.path = "old", .made = {true, false}}, {.path = "new", .made = {true, true}}};
	struct spec_cgroup_directory_list list = {.count = 2, .items = both};
	char place[] = "/tmp/mydocker-resctrl.XXXXXX";
	struct error err = {0};
	bool made;

	if (mkdtemp(place) == NULL || chdir(place) < 0 || mkdir("old", 0755) < 0)
		ok(false, "a place to work in");
	file_make("old/schemata", "L3:0=f;1=f\n");
	is_number(resctrl_make("old", "L3:0=f\n", true, &made, &err), 0,
		"[config-linux-rdt-14] a group that has these values is used");
	ok(!made, "[config-linux-rdt-17] and is not ours");
	is_number(resctrl_make("old", "L3:0=3\n", true, &made, &err), -EEXIST,
		"[config-linux-rdt-14] one with others is refused");
	error_clear(&err);
	is_number(resctrl_make("new", NULL, false, &made, &err), -ENOENT,
		"[config-linux-rdt-15] without values it must be there");
	error_clear(&err);
	is_number(resctrl_make("new", NULL, true, &made, &err), 0,
		"[config-linux-rdt-12] a group is made");
	ok(made && access("new", F_OK) == 0, "and is ours");
	is_number(resctrl_monitor("new", &err), -EEXIST,
		"[config-linux-rdt-20] what cannot be made is an error");
	error_clear(&err);
	is_number(resctrl_remove(&list, &err), 0, "what is ours is removed");
	ok(access("new", F_OK) < 0, "[config-linux-rdt-16] the group that we made");
	ok(access("old", F_OK) == 0, "[config-linux-rdt-17] not the one that was there");
	unlink("old/schemata");
	rmdir("old");
	rmdir(place);
}

int main(void)
{
	check_comparisons();
	check_lines();
	check_groups();
	return tap_end();
}

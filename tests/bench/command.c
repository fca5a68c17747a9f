/* The runtimes' command lines, which are alike: that is what the specification of the interface is
 * for; and the stage on which they are run. */
#include "tests/bench/bench.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define ARGUMENTS 16
#define ROOT "/run/bench-%s"

static char text[ARGUMENTS][512];
static char *line[ARGUMENTS + 1];
static int used;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text[used], sizeof(text[used]), format, arguments);
	va_end(arguments);
	line[used] = text[used];
	line[++used] = NULL;
}

char **command_line(const struct bench *bench, int runtime, const char *verb, const char *bundle,
	const char *id)
{
	used = 0;
	add("%s", bench->runtimes[runtime].path);
	if (bench->runtimes[runtime].is_floor) {
		add("%s/rootfs", bench->bundles);
		add("%s", id);
		add("/bin/payload");
		return line;
	}
	add("--root");
	add(ROOT, bench->runtimes[runtime].name);
	add("%s", strcmp(verb, "remove") == 0 ? "delete" : verb);
	if (strcmp(verb, "remove") == 0)
		add("--force");
	if (bundle) {
		add("--bundle");
		add("%s/%s", bench->bundles, bundle);
	}
	if (id)
		add("%s", id);
	if (strcmp(verb, "kill") == 0)
		add("KILL");
	if (strcmp(verb, "exec") == 0)
		add("/bin/payload");
	return line;
}

void command_id(char id[ID_SIZE])
{
	static int serial;

	snprintf(id, ID_SIZE, "bench%d", serial++);
}

int stage_unified(void)
{
	while (umount2("/sys/fs/cgroup", MNT_DETACH) == 0)
		;
	return mount(
		"cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

void command_clear(const struct bench *bench)
{
	char root[128];

	for (int r = 0; r < bench->count; r++) {
		struct dirent *entry;
		DIR *directory;

		snprintf(root, sizeof(root), ROOT, bench->runtimes[r].name);
		directory = opendir(root);
		if (!directory)
			continue;
		while ((entry = readdir(directory)))
			if (entry->d_name[0] != '.')
				sample_run(command_line(bench, r, "remove", NULL, entry->d_name));
		closedir(directory);
	}
}

void command_reap(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

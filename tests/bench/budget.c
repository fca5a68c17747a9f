/*
 * make budget: what a verb costs, in figures that no load changes, against those of the committed
 * file. None may grow unless somebody writes down the new one (BUDGET_UPDATE=1) and says why.
 *
 * The figures are those of stages that hosts can set: of the v1 hierarchies, which each cost their
 * calls, those that every host has stay mounted; then cgroup v2 is alone. What the container hides
 * is there in every kernel.
 *
 * A line of the file is NAME KIND NUMBER. The kind is the version of the host's cgroups, on which
 * most figures depend, or 0 for those that do not. MYDOCKER, GATE, BUNDLES and BUDGET name the two
 * images, the bundles of bundles.sh and the file.
 */
#include "tests/bench/bench.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define TRIES 5
#define FIGURES 96

struct figure {
	char name[48];
	int kind;
	long number;
};

struct figures {
	int count;
	struct figure items[FIGURES];
};

static struct bench bench = {.count = 1};
static int version; /* of cgroups */

static struct figure *figure_find(struct figures *figures, const char *name, int kind)
{
	for (int i = 0; i < figures->count; i++)
		if (strcmp(figures->items[i].name, name) == 0 && figures->items[i].kind == kind)
			return &figures->items[i];
	return NULL;
}

/* Keeps the smallest of several measurements. */
static void figure_keep(
	struct figures *figures, const char *verb, const char *what, int kind, long number)
{
	struct figure figure = {.kind = kind, .number = number}, *known;

	snprintf(figure.name, sizeof(figure.name), "%s-%s", verb, what);
	known = figure_find(figures, figure.name, kind);
	if (known && number < known->number)
		known->number = number;
	if (!known && figures->count < FIGURES)
		figures->items[figures->count++] = figure;
}

static int file_read(const char *path, struct figures *figures)
{
	FILE *file = fopen(path, "re");
	struct figure figure;

	if (!file)
		return errno == ENOENT ? 0 : -1;
	while (figures->count < FIGURES &&
		fscanf(file, "%47s %d %ld", figure.name, &figure.kind, &figure.number) == 3)
		figures->items[figures->count++] = figure;
	return fclose(file);
}

static int file_write(const char *path, const struct figures *figures)
{
	FILE *file = fopen(path, "we");

	for (int i = 0; file && i < figures->count; i++)
		fprintf(file, "%s %d %ld\n", figures->items[i].name, figures->items[i].kind,
			figures->items[i].number);
	return file ? fclose(file) : -1;
}

/* Whether a mount is of a v1 hierarchy, and one that is not everywhere, or not on its own. */
static bool hierarchy_is_extra(const char *type, const char *path)
{
	static const char *const everywhere[] = {"memory", "devices", "freezer", "pids", "cpuset"};

	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		if (strcmp(strrchr(path, '/') + 1, everywhere[i]) == 0)
			return false;
	return strcmp(type, "cgroup") == 0;
}

/* Mounts of our own; the version of cgroups that is mounted there, or -1. */
static int stage_make(void)
{
	char line[4096], path[1024], type[64];
	FILE *file;
	int found = 2;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		!(file = fopen("/proc/self/mountinfo", "re")))
		return -1;
	while (fgets(line, sizeof(line), file)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*s %*s %*s %*s %1023s", path) != 1 ||
			sscanf(rest, " - %63s", type) != 1)
			continue;
		if (strcmp(type, "cgroup") == 0)
			found = 1;
		if (hierarchy_is_extra(type, path) && umount2(path, MNT_DETACH) < 0)
			found = -1;
	}
	fclose(file);
	return found;
}

/* A verb that fails is cheap: nothing is said of it. */
static void verb_demand(const char *verb, int status)
{
	if (status == 0)
		return;
	printf("Bail out! %s fails with status %d\n", verb, status);
	exit(2);
}

/* One verb, traced. Of verbs that leave processes behind only the first one's calls are certain. */
static void verb_count(
	struct figures *figures, const char *verb, const char *bundle, const char *id, bool whole)
{
	struct count count = count_run(command_line(&bench, 0, verb, bundle, id));

	verb_demand(verb, count.status);
	figure_keep(figures, verb, "calls", version, whole ? count.calls : count.own);
	if (!whole)
		return;
	figure_keep(figures, verb, "executions", version, count.executions);
	figure_keep(figures, verb, "processes", version, count.processes);
}

static void verb_fault(
	struct figures *figures, const char *verb, const char *bundle, const char *id)
{
	struct sample sample = sample_run(command_line(&bench, 0, verb, bundle, id));

	verb_demand(verb, sample.status);
	figure_keep(figures, verb, "faults", version, sample.faults);
}

static void verbs_measure(struct figures *figures)
{
	char id[ID_SIZE];

	command_id(id);
	verb_count(figures, "run", "counted-true", id, true);
	verb_fault(figures, "run", "counted-true", id);
	verb_count(figures, "create", "counted-wait", id, false);
	sample_run(command_line(&bench, 0, "remove", NULL, id));
	command_reap();
	verb_fault(figures, "create", "counted-wait", id);
	verb_count(figures, "state", NULL, id, true);
	verb_fault(figures, "state", NULL, id);
	verb_count(figures, "list", NULL, NULL, true);
	verb_count(figures, "start", NULL, id, true);
	verb_count(figures, "exec", NULL, id, true);
	verb_fault(figures, "exec", NULL, id);
	verb_count(figures, "kill", NULL, id, true);
	command_reap();
	verb_count(figures, "delete", NULL, id, true);
}

/* The bytes of an image that the kernel ever maps: what strip takes away costs nobody anything. */
static long image_size(const char *path)
{
	FILE *file = fopen(path, "re");
	Elf64_Ehdr header = {0};
	Elf64_Phdr part;
	long size = 0;

	if (!file || fread(&header, sizeof(header), 1, file) != 1 ||
		fseek(file, (long)header.e_phoff, SEEK_SET) < 0)
		header.e_phnum = 0;
	for (int i = 0; i < header.e_phnum && fread(&part, sizeof(part), 1, file) == 1; i++)
		size += part.p_type == PT_LOAD ? (long)part.p_filesz : 0;
	if (file)
		fclose(file);
	return size;
}

static void images_measure(struct figures *figures)
{
	static const struct {
		const char *variable, *name;
	} images[] = {{"MYDOCKER", "mydocker"}, {"GATE", "gate"}};

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		const char *path = getenv(images[i].variable);
		long size = path ? image_size(path) : 0;

		if (size == 0) {
			fprintf(stderr, "%s: no image\n", images[i].variable);
			exit(2);
		}
		figure_keep(figures, images[i].name, "bytes", 0, size);
	}
}

/* Images grow by some instructions with each compiler, faults by a page with each kernel. */
static long figure_bound(const struct figure *budget)
{
	if (strstr(budget->name, "-bytes"))
		return budget->number + budget->number / 20;
	return strstr(budget->name, "-faults") ? budget->number + 4 : budget->number;
}

static int compare(struct figures *now, struct figures *budget)
{
	int failed = 0;

	printf("1..%d\n", now->count);
	for (int i = 0; i < now->count; i++) {
		const struct figure *figure = &now->items[i];
		const struct figure *known = figure_find(budget, figure->name, figure->kind);
		bool grown = known && figure->number > figure_bound(known);

		failed += grown;
		printf("%sok %d - ", grown ? "not " : "", i + 1);
		if (figure->kind)
			printf("cgroup v%d: ", figure->kind);
		printf("%s: %ld", figure->name, figure->number);
		if (known)
			printf(", of %ld\n", known->number);
		else
			printf(" # SKIP no budget for cgroup v%d\n", figure->kind);
	}
	return failed > 0;
}

int main(void)
{
	static struct figures now, budget;
	const char *path = getenv("BUDGET");

	bench.runtimes[0] = (struct runtime){.name = "budget", .path = getenv("MYDOCKER")};
	bench.bundles = getenv("BUNDLES");
	version = stage_make();
	if (!bench.runtimes[0].path || !bench.bundles || !path || file_read(path, &budget) < 0 ||
		version < 0)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	command_clear(&bench);
	for (int i = 0; i < TRIES; i++)
		verbs_measure(&now);
	if (version == 1 && stage_unified() == 0) {
		version = 2;
		for (int i = 0; i < TRIES; i++)
			verbs_measure(&now);
	}
	images_measure(&now);
	if (!getenv("BUDGET_UPDATE"))
		return compare(&now, &budget);
	for (int i = 0; i < budget.count; i++)
		if (!figure_find(&now, budget.items[i].name, budget.items[i].kind))
			now.items[now.count++] = budget.items[i];
	printf("1..0 # SKIP the new figures are written\n");
	return file_write(path, &now) < 0 ? 2 : 0;
}

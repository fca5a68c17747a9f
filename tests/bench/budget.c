/*
 * make budget: what a verb costs, in figures that no load changes, against those of the committed
 * file. None may grow unless somebody writes down the new one (BUDGET_UPDATE=1) and says why.
 *
 * A line of the file is NAME KIND NUMBER. The kind is how many cgroup hierarchies the host has, on
 * which most figures depend, or 0 for those that depend on none. MYDOCKER, GATE, BUNDLES and BUDGET
 * name the two images, the bundles of bundles.sh and the file.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define TRIES 5
#define FIGURES 64

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
static int hierarchies;

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

static int hierarchies_count(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];
	int count = 0;

	while (file && fgets(line, sizeof(line), file))
		count++;
	if (file)
		fclose(file);
	return count;
}

/* One verb, traced. Of verbs that leave processes behind only the first one's calls are certain. */
static void verb_count(
	struct figures *figures, const char *verb, const char *bundle, const char *id, bool whole)
{
	struct count count = count_run(command_line(&bench, 0, verb, bundle, id));

	figure_keep(figures, verb, "calls", hierarchies, whole ? count.calls : count.own);
	if (!whole)
		return;
	figure_keep(figures, verb, "executions", hierarchies, count.executions);
	figure_keep(figures, verb, "processes", hierarchies, count.processes);
}

static void verb_fault(
	struct figures *figures, const char *verb, const char *bundle, const char *id)
{
	figure_keep(figures, verb, "faults", hierarchies,
		sample_run(command_line(&bench, 0, verb, bundle, id)).faults);
}

static void verbs_measure(struct figures *figures)
{
	char id[ID_SIZE];

	command_id(id);
	verb_count(figures, "run", "default-true", id, true);
	verb_fault(figures, "run", "default-true", id);
	verb_count(figures, "create", "default-wait", id, false);
	sample_run(command_line(&bench, 0, "remove", NULL, id));
	command_reap();
	verb_fault(figures, "create", "default-wait", id);
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

static void images_measure(struct figures *figures)
{
	static const struct {
		const char *variable, *name;
	} images[] = {{"MYDOCKER", "mydocker"}, {"GATE", "gate"}};
	struct stat status;

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		if (stat(getenv(images[i].variable), &status) == 0)
			figure_keep(figures, images[i].name, "bytes", 0, status.st_size);
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
		printf("%sok %d - %s: %ld", grown ? "not " : "", i + 1, figure->name,
			figure->number);
		if (known)
			printf(", of %ld\n", known->number);
		else
			printf(" # SKIP no budget for a host with %d cgroup hierarchies\n",
				hierarchies);
	}
	return failed > 0;
}

int main(void)
{
	static struct figures now, budget;
	const char *path = getenv("BUDGET");

	bench.runtimes[0] = (struct runtime){.name = "budget", .path = getenv("MYDOCKER")};
	bench.bundles = getenv("BUNDLES");
	if (!bench.runtimes[0].path || !bench.bundles || !path || file_read(path, &budget) < 0)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	hierarchies = hierarchies_count();
	for (int i = 0; i < TRIES; i++)
		verbs_measure(&now);
	images_measure(&now);
	if (!getenv("BUDGET_UPDATE"))
		return compare(&now, &budget);
	for (int i = 0; i < budget.count; i++)
		if (!figure_find(&now, budget.items[i].name, budget.items[i].kind))
			now.items[now.count++] = budget.items[i];
	printf("1..0 # SKIP the new figures are written\n");
	return file_write(path, &now) < 0 ? 2 : 0;
}

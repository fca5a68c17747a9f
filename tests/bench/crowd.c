/* What becomes slower when there are many containers. They wait for start: none of them costs time.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define WIDTH 4

static void crowd_measure(const struct bench *bench, struct table *table, int r, const char *one)
{
	static char list_title[64], state_title[64];

	snprintf(list_title, sizeof(list_title), "list, %d containers", bench->crowd);
	snprintf(state_title, sizeof(state_title), "state, %d containers", bench->crowd);
	for (int i = 0; i < bench->rounds; i++) {
		struct sample list = sample_run(command_line(bench, r, "list", NULL, NULL));
		struct sample state = sample_run(command_line(bench, r, "state", NULL, one));

		if (list.status == 0)
			table_add(table, "crowd-list", list_title, "ms", r, list.wall / 1e3);
		if (state.status == 0)
			table_add(table, "crowd-state", state_title, "ms", r, state.wall / 1e3);
	}
}

/* One verb for each of them, some at a time: how long that takes is not measured here. */
static void crowd_each(const struct bench *bench, int r, const char *verb, const char *bundle,
	char (*ids)[ID_SIZE])
{
	int running = 0, started = 0, status;
	pid_t pid, verbs[WIDTH] = {0};

	while (started < bench->crowd || running > 0) {
		int slot = 0;

		while (started < bench->crowd && running < WIDTH && verbs[slot] > 0)
			slot++;
		if (started < bench->crowd && running < WIDTH) {
			verbs[slot] =
				sample_start(command_line(bench, r, verb, bundle, ids[started++]));
			running += verbs[slot] > 0;
			continue;
		}
		pid = wait(&status); /* a verb, or the process of a container */
		for (slot = 0; slot < WIDTH; slot++)
			if (verbs[slot] == pid) {
				verbs[slot] = 0;
				running--;
			}
	}
}

void measure_crowd(const struct bench *bench, struct table *table)
{
	char(*ids)[ID_SIZE] = calloc((size_t)bench->crowd + 1, sizeof(*ids));

	for (int r = 0; ids && r < bench->count; r++) {
		if (bench->runtimes[r].is_floor)
			continue;
		for (int i = 0; i < bench->crowd; i++)
			command_id(ids[i]);
		crowd_each(bench, r, "create", "default-wait", ids);
		crowd_measure(bench, table, r, ids[bench->crowd / 2]);
		crowd_each(bench, r, "remove", NULL, ids);
		command_reap();
	}
	free(ids);
}

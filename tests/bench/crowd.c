/* What becomes slower when there are many containers. They wait for start: none of them costs time.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

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

void measure_crowd(const struct bench *bench, struct table *table)
{
	char(*ids)[ID_SIZE] = calloc((size_t)bench->crowd + 1, sizeof(*ids));

	for (int r = 0; ids && r < bench->count; r++) {
		if (bench->runtimes[r].is_floor)
			continue;
		for (int i = 0; i < bench->crowd; i++) {
			command_id(ids[i]);
			sample_run(command_line(bench, r, "create", "default-wait", ids[i]));
		}
		crowd_measure(bench, table, r, ids[bench->crowd / 2]);
		for (int i = 0; i < bench->crowd; i++)
			sample_run(command_line(bench, r, "remove", NULL, ids[i]));
		command_reap();
	}
	free(ids);
}

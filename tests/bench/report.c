/* The table for a person, and the same figures as JSON: medians with p10 and p90, ratios round by
 * round. */
#include "tests/bench/bench.h"

#include <stdio.h>

static void print_cell(const struct row *row, int i)
{
	const struct series *series = &row->series[i];

	if (series->count == 0) {
		printf(" %26s", "-");
		return;
	}
	printf(" %10.2f (%6.2f-%6.2f)", series_quantile(series, 0.5), series_quantile(series, 0.1),
		series_quantile(series, 0.9));
}

void report_table(
	const struct row *rows, int row_count, const struct runtime *runtimes, int runtime_count)
{
	printf("%-34s %-5s", "median (p10-p90)", "unit");
	for (int i = 0; i < runtime_count; i++)
		printf(" %26s", runtimes[i].name);
	printf("   ratio to %s\n", runtimes[0].name);
	for (int r = 0; r < row_count; r++) {
		printf("%-34s %-5s", rows[r].title, rows[r].unit);
		for (int i = 0; i < runtime_count; i++)
			print_cell(&rows[r], i);
		printf("  ");
		for (int i = 1; i < runtime_count; i++)
			if (rows[r].series[i].count && rows[r].series[0].count)
				printf(" %s %.2fx", runtimes[i].name,
					series_ratio(&rows[r].series[i], &rows[r].series[0]));
		printf("\n");
	}
}

int report_json(const char *path, const struct row *rows, int row_count,
	const struct runtime *runtimes, int runtime_count)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -1;
	fprintf(file, "{\"schema\":\"mydocker.bench/1\",\"rows\":[");
	for (int r = 0; r < row_count; r++) {
		fprintf(file, "%s\n{\"name\":\"%s\",\"unit\":\"%s\",\"runtimes\":{", r ? "," : "",
			rows[r].name, rows[r].unit);
		for (int i = 0, first = 1; i < runtime_count; i++) {
			const struct series *series = &rows[r].series[i];

			if (series->count == 0)
				continue;
			fprintf(file,
				"%s\"%s\":{\"samples\":%d,\"p10\":%.3f,\"median\":%.3f,\"p90\":%."
				"3f,"
				"\"ratio\":%.3f}",
				first ? "" : ",", runtimes[i].name, series->count,
				series_quantile(series, 0.1), series_quantile(series, 0.5),
				series_quantile(series, 0.9),
				series_ratio(series, &rows[r].series[0]));
			first = 0;
		}
		fprintf(file, "}}");
	}
	fprintf(file, "\n]}\n");
	return fclose(file);
}

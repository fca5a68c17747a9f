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

void report_table(const struct bench *bench, const struct table *table)
{
	printf("%-34s %-5s", "median (p10-p90)", "unit");
	for (int i = 0; i < bench->count; i++)
		printf(" %26s", bench->runtimes[i].name);
	printf("   ratio to %s\n", bench->runtimes[0].name);
	for (int r = 0; r < table->count; r++) {
		printf("%-34s %-5s", table->rows[r].title, table->rows[r].unit);
		for (int i = 0; i < bench->count; i++)
			print_cell(&table->rows[r], i);
		printf("  ");
		for (int i = 1; i < bench->count; i++)
			if (table->rows[r].series[i].count && table->rows[r].series[0].count)
				printf(" %s %.2fx", bench->runtimes[i].name,
					series_ratio(&table->rows[r].series[i],
						&table->rows[r].series[0]));
		printf("\n");
	}
}

int report_json(const char *path, const struct bench *bench, const struct table *table)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -1;
	fprintf(file, "{\"schema\":\"mydocker.bench/1\",\"rows\":[");
	for (int r = 0; r < table->count; r++) {
		fprintf(file, "%s\n{\"name\":\"%s\",\"unit\":\"%s\",\"runtimes\":{", r ? "," : "",
			table->rows[r].name, table->rows[r].unit);
		for (int i = 0, first = 1; i < bench->count; i++) {
			const struct series *series = &table->rows[r].series[i];

			if (series->count == 0)
				continue;
			fprintf(file,
				"%s\"%s\":{\"samples\":%d,\"p10\":%.3f,\"median\":%.3f,\"p90\":%."
				"3f,"
				"\"ratio\":%.3f}",
				first ? "" : ",", bench->runtimes[i].name, series->count,
				series_quantile(series, 0.1), series_quantile(series, 0.5),
				series_quantile(series, 0.9),
				series_ratio(series, &table->rows[r].series[0]));
			first = 0;
		}
		fprintf(file, "}}");
	}
	fprintf(file, "\n]}\n");
	return fclose(file);
}

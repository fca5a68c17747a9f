/* Figures are kept one by one, round after round: what is quoted are medians and ratios within a
 * round. */
#include "tests/bench/bench.h"

#include <stdlib.h>
#include <string.h>

void table_add(struct table *table, const char *name, const char *title, const char *unit,
	int runtime, double value)
{
	struct series *series;
	struct row *row = table->rows;

	while (row < table->rows + table->count && strcmp(row->name, name) != 0)
		row++;
	if (row == table->rows + table->count) {
		if (table->count == (int)(sizeof(table->rows) / sizeof(table->rows[0])))
			abort();
		row->name = name;
		row->title = title;
		row->unit = unit;
		table->count++;
	}
	series = &row->series[runtime];
	if (series->count < SAMPLES)
		series->values[series->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *values, int count, double q)
{
	double sorted[SAMPLES];

	if (count == 0)
		return 0;
	memcpy(sorted, values, (size_t)count * sizeof(*sorted));
	qsort(sorted, (size_t)count, sizeof(*sorted), compare);
	return sorted[(int)(q * (count - 1) + 0.5)];
}

double series_quantile(const struct series *series, double q)
{
	return quantile(series->values, series->count, q);
}

double series_ratio(const struct series *a, const struct series *b)
{
	double ratios[SAMPLES];
	int count = a->count < b->count ? a->count : b->count;

	for (int i = 0; i < count; i++)
		ratios[i] = b->values[i] > 0 ? a->values[i] / b->values[i] : 0;
	return quantile(ratios, count, 0.5);
}

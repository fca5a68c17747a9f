/* The table's times as a picture: one group of bars per row, one bar per runtime, on a linear scale
 * per group. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>

static const char *const colours[RUNTIMES] = {
	"#1f6feb", "#8b949e", "#b08800", "#bc4c00", "#8250df", "#1a7f37", "#cf222e", "#57606a"};

static int is_time(const struct row *row)
{
	return strcmp(row->unit, "ms") == 0;
}

static double row_maximum(const struct row *row, const struct bench *bench)
{
	double most = 0;

	for (int i = 0; i < bench->count; i++) {
		double value = series_quantile(&row->series[i], 0.5);

		most = value > most ? value : most;
	}
	return most;
}

static int draw_group(FILE *file, const struct bench *bench, const struct row *row, int y)
{
	double most = row_maximum(row, bench);

	fprintf(file, "<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y + 12,
		row->title);
	y += 18;
	for (int i = 0; i < bench->count; i++) {
		double value = series_quantile(&row->series[i], 0.5);

		if (row->series[i].count == 0)
			continue;
		fprintf(file,
			"<text x=\"110\" y=\"%d\" text-anchor=\"end\">%s</text>"
			"<rect x=\"118\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"%s\"/>"
			"<text x=\"%.1f\" y=\"%d\">%.2f ms</text>\n",
			y + 10, bench->runtimes[i].name, y + 1, 480 * value / most, colours[i],
			124 + 480 * value / most, y + 10, value);
		y += 15;
	}
	return y + 10;
}

int report_picture(const char *path, const struct bench *bench, const struct table *table)
{
	FILE *file = fopen(path, "we");
	int y = 10, height = 20;

	if (!file)
		return -1;
	for (int r = 0; r < table->count; r++)
		height += is_time(&table->rows[r]) ? 28 + 15 * bench->count : 0;
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"11\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		height);
	for (int r = 0; r < table->count; r++)
		if (is_time(&table->rows[r]))
			y = draw_group(file, bench, &table->rows[r], y);
	fprintf(file, "</svg>\n");
	return fclose(file);
}

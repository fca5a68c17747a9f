/*
 * The rows of stats.def, read and written one after the other. Files are asked for by name in all
 * directories of the container: which of them has a controller depends on the host.
 */
#include "runtime/stats.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/file.h"

/* Where a value comes from. */
struct stat_source {
	const char *file; /* NULL: nowhere */
	const char *key;  /* of the line that holds it; NULL: the whole content */
	const char *plus; /* a second file, to be added */
	uint64_t factor;
};

struct reader {
	struct json_writer *writer;
	const struct spec_cgroup_directory_list *directories;
	struct arena *arena;
};

/* Writes the member; text is the content from the value on. */
typedef void (*stat_shape)(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source);

/* The value of a line "key value"; NULL when there is none. */
static const char *line_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, key, length) == 0 && text[length] == ' ')
			return text + length + 1;
	}
	return NULL;
}

static const char *file_load(struct reader *reader, const char *directory, const char *file)
{
	const char *path = arena_format(reader->arena, "%s/%s", directory, file);

	return path ? cgroup_file_load(path, reader->arena) : NULL;
}

/* The content of a file (key NULL), or of the line with the key, in the first directory that has
 * it. */
static const char *value_find(struct reader *reader, const char *file, const char *key)
{
	for (uint32_t i = 0; i < reader->directories->count; i++) {
		const char *text = file_load(reader, reader->directories->items[i].path, file);

		if (text && key)
			text = line_value(text, key);
		if (text)
			return text;
	}
	return NULL;
}

/* ---- shapes ---- */

/* "max" is the greatest number. */
static uint64_t number_of(const char *text)
{
	return text[0] == 'm' ? UINT64_MAX : strtoull(text, NULL, 10);
}

static void shape_number(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	uint64_t number = number_of(text), more = 0;
	const char *other = source->plus ? value_find(reader, source->plus, NULL) : NULL;

	if (other)
		more = number_of(other);
	if (__builtin_mul_overflow(number, source->factor, &number) ||
		__builtin_add_overflow(number, more, &number))
		number = UINT64_MAX;
	json_member_unsigned(reader->writer, key, number);
}

static void shape_signed(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_member_integer(reader->writer, key, strtoll(text, NULL, 10));
}

/* A limit for which engines take 0 for none. */
static void shape_ceiling(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_member_unsigned(reader->writer, key, text[0] == 'm' ? 0 : number_of(text));
}

static void shape_numbers(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_key(reader->writer, key);
	json_array(reader->writer);
	for (char *end; text += strspn(text, " \n"), *text; text = end) {
		uint64_t number = strtoull(text, &end, 10);

		if (end == text)
			break;
		json_unsigned(reader->writer, number);
	}
	json_array_end(reader->writer);
}

/* "0-3,7", each number by itself. */
static void shape_range(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_key(reader->writer, key);
	json_array(reader->writer);
	for (char *end; *text; text = end + (*end == ',')) {
		uint64_t low = strtoull(text, &end, 10), high = low;

		if (end == text)
			break;
		if (*end == '-')
			high = strtoull(end + 1, &end, 10);
		for (; low <= high && high <= UINT16_MAX; low++)
			json_unsigned(reader->writer, low);
	}
	json_array_end(reader->writer);
}

/* The hundredths of "1.23" behind "KEY=" in a line. */
static uint64_t hundredths_of(const char *line, const char *key)
{
	const char *at = strstr(line, key);
	char *end = NULL;
	uint64_t whole = at ? strtoull(at + strlen(key), &end, 10) : 0;

	return whole * 100 + (end && *end == '.' ? strtoull(end + 1, NULL, 10) : 0);
}

/* Lines "some avg10=1.23 avg60=0.00 avg300=0.00 total=45" and "full ...". */
static void shape_pressure(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	static const char *const kinds[] = {"some", "full"}, *const spans[] = {"10", "60", "300"};

	json_key(reader->writer, key);
	json_object(reader->writer);
	for (size_t i = 0; i < array_size(kinds); i++) {
		const char *line = line_value(text, kinds[i]), *total;

		if (!line)
			continue;
		json_key(reader->writer, kinds[i]);
		json_object(reader->writer);
		for (size_t j = 0; j < array_size(spans); j++) {
			char name[8], word[10];

			snprintf(name, sizeof(name), "avg%s", spans[j]);
			snprintf(word, sizeof(word), "%s=", name);
			json_key(reader->writer, name);
			json_hundredths(reader->writer, hundredths_of(line, word));
		}
		total = strstr(line, "total=");
		json_member_unsigned(reader->writer, "total",
			total ? strtoull(total + strlen("total="), NULL, 10) : 0);
		json_object_end(reader->writer);
	}
	json_object_end(reader->writer);
}

/* "key number" in each line. */
static void shape_lines(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_key(reader->writer, key);
	json_object(reader->writer);
	while (*text) {
		size_t line = strcspn(text, "\n"), length = strcspn(text, " \n");
		const char *name = arena_copy(reader->arena, text, length);

		if (name && length < line)
			json_member_unsigned(reader->writer, name, number_of(text + length + 1));
		text += line + (text[line] == '\n');
	}
	json_object_end(reader->writer);
}

static void disk_write(struct reader *reader, unsigned int major, unsigned int minor,
	const char *op, uint64_t value)
{
	json_object(reader->writer);
	json_member_unsigned(reader->writer, "major", major);
	json_member_unsigned(reader->writer, "minor", minor);
	json_member_string(reader->writer, "op", op);
	json_member_unsigned(reader->writer, "value", value);
	json_object_end(reader->writer);
}

/* One line: "8:0 Read 4096" (v1), or "8:0 rbytes=4096 wbytes=0 ..." (v2), of which key tells the
 * end of the names. */
static void disk_line(struct reader *reader, const char *line, const char *key)
{
	static const char *const ops[] = {"Read", "Write"};
	unsigned int major, minor;
	char op[16], name[32];
	uint64_t value;

	if (!key && sscanf(line, "%u:%u %15s %" SCNu64, &major, &minor, op, &value) == 4)
		disk_write(reader, major, minor, op, value);
	if (!key || sscanf(line, "%u:%u", &major, &minor) != 2)
		return;
	for (int i = 0; i < 2; i++) {
		const char *found;

		snprintf(name, sizeof(name), " %c%s=", "rw"[i], key);
		found = strstr(line, name);
		if (found)
			disk_write(reader, major, minor, ops[i],
				strtoull(found + strlen(name), NULL, 10));
	}
}

static void shape_disks(
	struct reader *reader, const char *key, const char *text, const struct stat_source *source)
{
	json_key(reader->writer, key);
	json_array(reader->writer);
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_copy(reader->arena, text, length);

		if (line)
			disk_line(reader, line, source->key);
		text += length + (text[length] == '\n');
	}
	json_array_end(reader->writer);
}

/* ---- the rows ---- */

#define WHOLE(file, factor) \
	{ \
		file, NULL, NULL, factor \
	}
#define LINE(file, key, factor) \
	{ \
		file, key, NULL, factor \
	}
#define SUM(file, plus) \
	{ \
		file, NULL, plus, 1 \
	}
#define NONE \
	{ \
		NULL, NULL, NULL, 1 \
	}
#define GROUP(path) {path, NULL, NULL, {NONE, NONE}},
#define STAT(key, shape, v1, v2) {NULL, key, shape_##shape, {v1, v2}},
static const struct stat_row {
	const char *group; /* or NULL */
	const char *key;
	stat_shape shape;
	struct stat_source sources[2];
} rows[] = {
#include "runtime/stats.def"
};

/* Closes and opens objects on the way from one group to the next, which may be above it. */
static void group_enter(struct reader *reader, const char *from, const char *to)
{
	size_t same = 0;

	for (size_t i = 0; from[i] == to[i] || !from[i] || !to[i]; i++) {
		if ((!from[i] || from[i] == '/') && (!to[i] || to[i] == '/'))
			same = i;
		if (!from[i] || !to[i])
			break;
	}
	for (const char *at = from + same; *at; at += strcspn(at, "/")) {
		at += *at == '/';
		json_object_end(reader->writer);
	}
	for (const char *at = to + same; *at; at += strcspn(at, "/")) {
		at += *at == '/';
		json_key(reader->writer, arena_copy(reader->arena, at, strcspn(at, "/")));
		json_object(reader->writer);
	}
}

static void row_write(struct reader *reader, const struct stat_row *row)
{
	for (size_t i = 0; i < array_size(row->sources); i++) {
		const struct stat_source *source = &row->sources[i];
		bool inside = source->key && row->shape != shape_disks;
		const char *text = source->file
			? value_find(reader, source->file, inside ? source->key : NULL)
			: NULL;

		if (text) {
			row->shape(reader, row->key, text, source);
			return;
		}
	}
}

/* ---- huge pages: a member for each size, which the names of the files tell ---- */

static void pages_write(struct reader *reader, const char *directory, const char *size)
{
	static const struct {
		const char *key, *v1, *v2, *line;
	} members[] = {
		{"usage", "usage_in_bytes", "current", NULL},
		{"max", "max_usage_in_bytes", NULL, NULL},
		{"failcnt", "failcnt", "events", "max"},
	};

	json_key(reader->writer, size);
	json_object(reader->writer);
	for (size_t i = 0; i < array_size(members); i++) {
		const char *text = file_load(reader, directory,
			arena_format(reader->arena, "hugetlb.%s.%s", size, members[i].v1));

		if (!text && members[i].v2)
			text = file_load(reader, directory,
				arena_format(reader->arena, "hugetlb.%s.%s", size, members[i].v2));
		if (text && members[i].line && strchr(text, ' '))
			text = line_value(text, members[i].line);
		if (text)
			json_member_unsigned(reader->writer, members[i].key, number_of(text));
	}
	json_object_end(reader->writer);
}

static void hugetlb_write(struct reader *reader, const char *directory, const char *end)
{
	const char *pattern = arena_format(reader->arena, "%s/hugetlb.*B.%s", directory, end);
	glob_t files = {0};

	if (!pattern || glob(pattern, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *size = strrchr(files.gl_pathv[i], '/') + strlen("/hugetlb.");

		size = arena_copy(reader->arena, size, strcspn(size, "."));
		if (size)
			pages_write(reader, directory, size);
	}
	globfree(&files);
}

void stats_write(struct json_writer *writer, const struct spec_cgroup_directory_list *directories,
	struct arena *arena)
{
	struct reader reader = {writer, directories, arena};
	const char *group = "";

	json_object(writer);
	for (size_t i = 0; i < array_size(rows); i++) {
		if (!rows[i].group) {
			row_write(&reader, &rows[i]);
			continue;
		}
		group_enter(&reader, group, rows[i].group);
		group = rows[i].group;
	}
	for (uint32_t i = 0; i < directories->count; i++) {
		hugetlb_write(&reader, directories->items[i].path, "usage_in_bytes");
		hugetlb_write(&reader, directories->items[i].path, "current");
	}
	group_enter(&reader, group, "");
	json_key(writer, "intel_rdt");
	json_object(writer);
	json_object_end(writer);
	json_key(writer, "network_interfaces");
	json_array(writer);
	json_array_end(writer);
	json_object_end(writer);
}

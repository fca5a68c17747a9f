/*
 * A record is a journal entry first: it is on the disk before what it names is made, so that
 * whoever comes after a crash finds everything. And it is a file in a place where people look: so
 * what comes back is decoded with the same distrust as a bundle's configuration, and a damaged one
 * is a result that the caller can work with, not a dead end.
 */
#include "state/record.h"

#include <errno.h>
#include <string.h>

#include "state/document.h"

#define RECORD_MAX ((size_t)1 << 20)
#define GLANCE_MAX 4096 /* most records have less */

/* One line of JSON, by one of the functions that write a document. */
static int structure_write(const struct container *container, const char *name,
	const struct table *table, const void *structure,
	int (*put)(const struct container *, const char *, const char *, size_t, struct error *),
	struct error *err)
{
	struct arena arena = {0};
	size_t length;
	const char *text = table_encode(table, structure, 0, &arena, &length, err);
	char *line = text != NULL ? arena_copy(&arena, text, length + 1) : NULL;
	int result;

	if (line != NULL) {
		line[length] = '\n';
		result = put(container, name, line, length + 1, err);
	} else {
		result = error_set(err, ERROR_SYSTEM, ENOMEM, "no memory for %s", name);
	}
	arena_free(&arena);
	return result;
}

/* -ENOENT without err when the file is not there. */
static int structure_read(const struct container *container, const char *name,
	const struct table *table, void *structure, struct arena *arena, struct error *err)
{
	struct error inner = {0};
	const char *bytes;
	size_t length;
	int result = document_read(container, name, RECORD_MAX, arena, &bytes, &length, err);

	if (result < 0 || table_recall(table, structure, bytes, length, arena))
		return result;
	result = table_decode(table, structure, bytes, length, arena, NULL, &inner);
	if (result < 0)
		return error_set(err, ERROR_STATE, EBADMSG, "%s of container %s is damaged: %s%s%s",
			name, container->id, inner.pointer, inner.pointer[0] != '\0' ? ": " : "",
			inner.message);
	return 0;
}

int record_write(
	const struct container *container, const struct spec_record *record, struct error *err)
{
	return structure_write(
		container, RECORD_FILE, &spec_record_table, record, document_write, err);
}

int record_begin(
	const struct container *container, const struct spec_record *record, struct error *err)
{
	return structure_write(
		container, RECORD_FILE, &spec_record_table, record, document_begin, err);
}

int record_draft(
	const struct container *container, const struct spec_record *record, struct error *err)
{
	return structure_write(
		container, RECORD_FILE, &spec_record_table, record, document_draft, err);
}

int record_publish(const struct container *container, struct error *err)
{
	return document_publish(container, RECORD_FILE, err);
}

int record_read(const struct container *container, struct arena *arena, struct spec_record *record,
	struct error *err)
{
	int result = structure_read(container, RECORD_FILE, &spec_record_table, record, arena, err);

	if (result == -ENOENT) {
		error_set(err, ERROR_STATE, ENODATA, "container %s has no record", container->id);
		error_hint(err, "delete --force removes what is left of it");
		return -ENODATA;
	}
	if (result < 0)
		return result;
	if (strcmp(record->schema, RECORD_SCHEMA) != 0)
		return error_set(err, ERROR_STATE, EBADMSG,
			"%s of container %s has schema \"%.40s\", not %s", RECORD_FILE,
			container->id, record->schema, RECORD_SCHEMA);
	if (strcmp(record->id, container->id) != 0)
		return error_set(err, ERROR_STATE, EBADMSG,
			"%s of container %s names container %.100s", RECORD_FILE, container->id,
			record->id);
	return 0;
}

bool record_glance(int root_fd, const char *id, struct arena *arena, struct spec_record *record)
{
	char bytes[GLANCE_MAX];
	size_t length;

	return document_glance(root_fd, id, RECORD_FILE, bytes, sizeof(bytes), &length) &&
		table_recall(&spec_record_table, record, bytes, length, arena) &&
		strcmp(record->schema, RECORD_SCHEMA) == 0 && strcmp(record->id, id) == 0;
}

int exit_record_write(
	const struct container *container, const struct spec_exit_record *record, struct error *err)
{
	return structure_write(
		container, EXIT_FILE, &spec_exit_record_table, record, document_begin, err);
}

int exit_record_read(const struct container *container, struct arena *arena,
	struct spec_exit_record *record, struct error *err)
{
	return structure_read(container, EXIT_FILE, &spec_exit_record_table, record, arena, err);
}

int bundle_keep(
	const struct container *container, const char *bytes, size_t length, struct error *err)
{
	return document_make(container, BUNDLE_FILE, bytes, length, err);
}

int bundle_change(
	const struct container *container, const char *bytes, size_t length, struct error *err)
{
	return document_write(container, BUNDLE_FILE, bytes, length, err);
}

/* The record of a container: what must be known to find and clean everything that was made for it.
 */
#pragma once

#include "spec/arena.h"
#include "spec/config.h"
#include "spec/table.h"
#include "state/store.h"

#define RECORD_FILE "config.json"
#define RECORD_SCHEMA "mydocker.record/1"
#define EXIT_FILE "exit.json"
#define EXIT_SCHEMA "mydocker.exit/1"
#define BUNDLE_FILE "bundle.json"

/* struct spec_record, struct spec_cgroup_directory(_list), struct spec_exit_record and their
 * tables, generated from record.def as spec/config.h does from config.def. */
#include "state/record_types.h"

/*
 * Writes the record atomically (temporary file, rename). Called before each resource is made
 * that it names for the first time. Returns 0 or -errno with err filled.
 */
int record_write(
	const struct container *container, const struct spec_record *record, struct error *err);

/* The first one of a container. */
int record_begin(
	const struct container *container, const struct spec_record *record, struct error *err);

/* The same in two steps: see document_draft. */
int record_draft(
	const struct container *container, const struct spec_record *record, struct error *err);
int record_publish(const struct container *container, struct error *err);

/*
 * Reads it (O_NONBLOCK|O_NOFOLLOW, regular, at most 1 MiB). A damaged record, one of another schema
 * or of another container is ERROR_STATE, -EBADMSG: the caller may go on with what the id alone
 * tells. So is a directory that has no record (a create that was killed at once, or is about to
 * write it): ERROR_STATE, -ENODATA.
 */
int record_read(const struct container *container, struct arena *arena, struct spec_record *record,
	struct error *err);

/*
 * The same for a visitor of store_each, without entering the container. False when the record is
 * not as we write it, or large: who wants it all the same, or wants to know why, enters.
 */
bool record_glance(int root_fd, const char *id, struct arena *arena, struct spec_record *record);

/* The same for exit.json; -ENOENT without err when there is none. */
int exit_record_write(const struct container *container, const struct spec_exit_record *record,
	struct error *err);
int exit_record_read(const struct container *container, struct arena *arena,
	struct spec_exit_record *record, struct error *err);

/* Keeps the bundle's configuration: writes bundle.json with these bytes. */
int bundle_keep(
	const struct container *container, const char *bytes, size_t length, struct error *err);

/* Replaces it, for a container whose limits were changed. */
int bundle_change(
	const struct container *container, const char *bytes, size_t length, struct error *err);

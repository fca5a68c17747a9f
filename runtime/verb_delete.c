/*
 * delete, or rm, removes what create wrote down. A container that was created and never started
 * goes without --force too, as engines expect of a failed start. A leftover of a killed create is a
 * record without init: what it names may or may not exist. And when the record itself cannot be
 * read, the cgroup that follows from the id still finds the processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "runtime/cgroup.h"
#include "runtime/disposal.h"
#include "runtime/existing.h"
#include "runtime/matching.h"
#include "runtime/report.h"
#include "runtime/short_id.h"
#include "runtime/unit_place.h"
#include "runtime/verbs.h"

#define LOCK_PATIENCE 10000 /* milliseconds: another verb may be at work */

static int delete_check(
	const struct existing *existing, const struct command *command, struct error *err)
{
	enum status status = status_derive(&existing->record);
	bool by_person = command->verb == VERB_rm;

	if (command->given[OPTION_force] || status == STATUS_STOPPED || status == STATUS_CREATED)
		return 0;
	error_set(err, ERROR_STATUS, EBUSY, "cannot %s container %s that is not stopped: %s",
		by_person ? "remove" : "delete", existing->container.id, status_word(status));
	error_hint(
		err, by_person ? "stop it first, or use --force" : "kill it first, or use --force");
	return -EBUSY;
}

/* poststop hooks need the configuration; a container whose copy is damaged is removed without them.
 */
static const struct spec *delete_spec(struct existing *existing)
{
	struct error err = {0};

	if (existing_is_plain(existing))
		return NULL;
	if (existing_read_spec(existing, &err) == 0)
		return &existing->spec;
	report_warning(err.pointer, err.message);
	return NULL;
}

/* The record is written before all else: a directory with nothing in it is that of a create that
 * was killed at once. */
static bool nothing_made(const struct existing *existing)
{
	return faccessat(existing->container.dir, BUNDLE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
		errno == ENOENT;
}

/* The scope where create would have put it, by the manager of this caller. */
static int unit_guess(struct existing *existing, const char *path, struct error *err)
{
	struct arena *arena = &existing->spec.arena;
	struct manager *manager = &existing->manager;
	int result;

	manager->user = !host_is_ours();
	result = manager_open(manager, arena, err);
	if (result == 0)
		result = unit_place(&existing->cgroup_host, manager->user, manager->cgroup, path,
			existing->container.id, arena, &existing->cgroup, err);
	existing->record.unit = existing->cgroup.unit;
	existing->record.unit_made = (struct maybe_bool){true, true};
	existing->record.unit_user = (struct maybe_bool){true, manager->user};
	return result;
}

/* The record as far as the id tells it: the cgroup where create would have put it. */
static int record_guess(struct existing *existing, const struct spec *spec, struct error *err)
{
	struct arena *arena = &existing->spec.arena;
	struct spec_record *record = &existing->record;
	const char *path = spec && spec->config.linux ? spec->config.linux->cgroups_path : NULL;
	int result = cgroup_probe(arena, &existing->cgroup_host, err);

	*record = (struct spec_record){.id = existing->container.id, .bundle = "/"};
	if (result == 0 && path && unit_path_is(path))
		result = unit_guess(existing, path, err);
	else if (result == 0)
		result = cgroup_place(&existing->cgroup_host, CGROUP_CGROUPFS, path,
			existing->container.id, arena, &existing->cgroup, err);
	if (result < 0)
		return result;
	record->cgroups.items =
		arena_alloc(arena, (existing->cgroup.count + 1) * sizeof(*record->cgroups.items));
	if (!record->cgroups.items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < existing->cgroup.count; i++)
		if (existing->cgroup.directories[i])
			record->cgroups.items[record->cgroups.count++] =
				(struct spec_cgroup_directory){
					.path = existing->cgroup.directories[i],
					.made = {true, true},
					.parents = {true, existing->cgroup.parents},
				};
	return 0;
}

static int delete_damaged(struct existing *existing, bool force, struct error *err)
{
	struct error damage = *err;
	const struct spec *spec;
	int result;

	if (!force) {
		error_hint(err, "--force removes what can be found by the id");
		return -damage.number;
	}
	error_clear(err);
	spec = delete_spec(existing);
	result = record_guess(existing, spec, err);
	return result < 0 ? result
			  : disposal_run(&existing->container, &existing->record, spec, err);
}

static int delete_one(const struct command *command, const char *id, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	bool force = command->given[OPTION_force];
	int result = (command->verb == VERB_rm ? existing_find : existing_enter)(
		&existing, command->value[OPTION_root], id, LOCK_PATIENCE, err);

	if (result < 0 && err->code == ERROR_NOT_FOUND && force)
		result = 0;
	else if (result == -ENODATA && nothing_made(&existing)) {
		error_clear(err);
		result = container_remove(&existing.container, err);
	} else if (result == -ENODATA || result == -EBADMSG)
		result = delete_damaged(&existing, force, err);
	else if (result == 0) {
		result = delete_check(&existing, command, err);
		if (result == 0)
			result = disposal_run(
				&existing.container, &existing.record, delete_spec(&existing), err);
	}
	existing_free(&existing);
	return result;
}

int verb_delete(const struct command *command, struct error *err)
{
	return matching_each(command, command->argc, delete_one, err);
}

int verb_rm(const struct command *command, struct error *err)
{
	return verb_delete(command, err);
}

/*
 * A listing is made of many containers that know nothing of each other: what is broken in one is
 * that one's row. And it is made while others come and go: a directory without a record whose lock
 * is held is a container between two states, not a damaged one.
 */
#include "runtime/overview.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "runtime/owner.h"
#include "runtime/report.h"
#include "spec/spec.h"
#include "state/life.h"

const char *overview_status(const struct overview *overview)
{
	return overview->known ? status_word(overview->status) : UNKNOWN;
}

int64_t overview_pid(const struct overview *overview)
{
	return overview->status == STATUS_STOPPED ? 0 : overview->record.init.value;
}

const char *overview_owner(const struct overview *overview, struct arena *arena)
{
	const struct maybe_uint *owner = &overview->record.owner;

	return owner->given ? owner_name((uid_t)owner->value, arena) : "";
}

const char *overview_encode(const struct overview *overview, unsigned int indent,
	struct arena *arena, struct error *err)
{
	const struct spec_record *record = &overview->record;
	struct spec_container_state state = {
		.oci_version = SPEC_VERSION,
		.id = overview->id,
		.pid = {true, overview_pid(overview)},
		.status = overview_status(overview),
		.bundle = record->bundle != NULL ? record->bundle : "",
		.rootfs = record->rootfs,
		.created = record->created,
		.owner = overview_owner(overview, arena),
		.annotations = record->annotations,
	};
	size_t length;

	state.annotations.given = false; /* none: no member */
	return table_encode(&spec_container_state_table, &state, indent, arena, &length, err);
}

bool overview_is_unwatched(const struct overview *overview)
{
	const struct spec_record *record = &overview->record;
	uint64_t start;

	return overview->known && overview->status != STATUS_STOPPED && record->log.value &&
		(process_start_time((pid_t)record->monitor.value, &start) < 0 ||
			start != record->monitor_start.value);
}

static void unwatched_warn(const struct overview *overview)
{
	char text[512];

	snprintf(text, sizeof(text),
		"container %.100s: its monitor was killed, and its output waits; "
		"`%s monitor %.100s` starts another",
		overview->id, report_program(), overview->id);
	report_warning(NULL, text);
}

struct each {
	int (*visit)(const struct overview *overview, void *context);
	void *context;
	bool warn;
};

/* Reads what can be read. False for a container that comes or goes at this moment. */
static bool overview_read(struct overview *overview, const struct container *container, bool warn,
	struct arena *arena)
{
	struct error err = {0};
	int result = record_read(container, arena, &overview->record, &err);

	if (result == -ENODATA && container_is_busy(container))
		return false;
	overview->known = result == 0;
	if (overview->known) {
		overview->status = status_derive(&overview->record);
		return true;
	}
	overview->record = (struct spec_record){0};
	if (warn)
		report_warning(NULL, err.message);
	return true;
}

/* What an entry of the state root is that is not, or no more, a container's directory. */
static bool is_no_container(int error)
{
	return error == -ENOENT || error == -EINVAL || error == -ENOTDIR || error == -ELOOP;
}

static int overview_visit(const char *id, int root_fd, void *context)
{
	struct each *each = context;
	struct overview overview = {.id = id};
	struct container container = CONTAINER_NONE;
	struct arena arena = {0};
	struct error gone = {0};
	bool there = record_glance(root_fd, id, &arena, &overview.record);
	int result = 0;

	if (there) {
		overview.known = true;
		overview.status = status_derive(&overview.record);
	} else if ((result = container_enter_at(&container, root_fd, id, &gone)) == 0) {
		there = overview_read(&overview, &container, each->warn, &arena);
	} else if (!is_no_container(result)) {
		/* that it cannot be looked into does not make it none */
		there = true;
		if (each->warn)
			report_warning(NULL, gone.message);
	}
	if (there && each->warn && overview_is_unwatched(&overview))
		unwatched_warn(&overview);
	result = there ? each->visit(&overview, each->context) : 0;
	container_leave(&container);
	arena_free(&arena);
	return result;
}

int overview_each(const struct command *command, bool warn,
	int (*visit)(const struct overview *overview, void *context), void *context,
	struct error *err)
{
	struct each each = {.visit = visit, .context = context, .warn = warn};
	char root[PATH_MAX];
	int result = store_root(command->value[OPTION_root], root, sizeof(root), err);

	if (result == 0)
		result = store_each(root, overview_visit, &each, err);
	return result;
}

/*
 * gc: sweeps up. What a verb was killed over is removed by what it wrote down before; a container
 * that is being made has its lock held, and one that lives is never touched. Each is looked at
 * again under its lock, since it may be another one by then.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "nsexec/cleanup.h"
#include "runtime/disposal.h"
#include "runtime/finding.h"
#include "runtime/leftover.h"
#include "runtime/listing.h"
#include "runtime/number.h"

#define SCHEMA "mydocker.gc/1"
#define LOCK_PATIENCE 1 /* ms: whoever holds it is at work */

struct gc {
	const struct command *command;
	int64_t older; /* ms that it must have been lying there */
	struct findings findings;
};

/* Whether nobody has touched its directory for so long. */
static bool is_old(const struct existing *existing, int64_t milliseconds)
{
	struct timespec now;
	struct stat directory;

	clock_gettime(CLOCK_REALTIME, &now);
	return fstat(existing->container.dir, &directory) == 0 &&
		(now.tv_sec - directory.st_mtim.tv_sec) * 1000 >= milliseconds;
}

/* Why it may go, or NULL: it is somebody's. found: what entering it has said. A damaged record does
 * not tell where its processes would be, so it is not ours to remove. */
static const char *reason_of(const struct existing *existing, int found, bool ended)
{
	if (found == -ENODATA && leftover_is_empty(existing))
		return "its creation was killed at once";
	if (found < 0 || status_derive(&existing->record) != STATUS_STOPPED)
		return NULL;
	if (existing->record.init.value == 0)
		return "its creation was killed";
	return ended ? "it has ended" : NULL;
}

static int gc_remove(struct existing *existing, int found, struct error *err)
{
	return found < 0 ? container_remove(&existing->container, err)
			 : disposal_run(&existing->container, &existing->record,
				   leftover_spec(existing), err);
}

/* What cannot be removed is a finding like any other, and stops nobody. */
static void gc_one(struct gc *gc, struct existing *existing, const char *id, int found)
{
	struct error err = {0};
	const char *reason = reason_of(existing, found, gc->command->given[OPTION_stopped]);

	if (!reason && found < 0)
		finding_add(&gc->findings, SEVERITY_WARNING, id, "its record is damaged",
			"`delete --force` ends what is left of it");
	if (!reason)
		return;
	if (!gc->command->given[OPTION_gc_dry_run] && gc_remove(existing, found, &err) < 0)
		finding_add(&gc->findings, SEVERITY_ERROR, id, err.message, err.hint);
	else
		finding_add(&gc->findings, SEVERITY_GOOD, id, reason, NULL);
}

static int gc_visit(const char *id, int root_fd, void *context)
{
	struct gc *gc = context;
	struct existing existing = EXISTING_NONE;
	struct error err = {0};
	int found =
		existing_enter(&existing, gc->command->value[OPTION_root], id, LOCK_PATIENCE, &err);

	if ((found == 0 || found == -ENODATA || found == -EBADMSG) && is_old(&existing, gc->older))
		gc_one(gc, &existing, id, found);
	existing_free(&existing);
	return 0;
}

int verb_gc(const struct command *command, struct error *err)
{
	struct gc gc = {.command = command};
	char root[PATH_MAX];
	int json = listing_is_json(command, err);
	int result = json < 0 ? json : duration_option(command, OPTION_older, &gc.older, err);

	if (result == 0)
		result = store_root(command->value[OPTION_root], root, sizeof(root), err);
	if (result == 0)
		result = store_each(root, gc_visit, &gc, err);
	if (result == 0)
		result = findings_print(&gc.findings, SCHEMA, json > 0, err);
	return result == 0 && findings_count(&gc.findings, SEVERITY_ERROR) ? 1 : result;
}

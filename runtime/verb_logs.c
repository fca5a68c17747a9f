/* logs: what a detached container wrote, and what it writes while we look. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/existing.h"
#include "runtime/report.h"
#include "runtime/verbs.h"
#include "state/log.h"

/* Output that is missing must be said to be missing; a monitor that still works has the last word
 * later. */
static void losses_report(const struct existing *existing)
{
	struct spec_exit_record end;
	struct arena arena = {0};
	struct error err = {0};
	uint64_t start;
	char text[128];
	int result = exit_record_read(&existing->container, &arena, &end, &err);

	if (result == 0 && end.log_lost.value > 0) {
		snprintf(text, sizeof(text), "%llu bytes of output are lost: the disk was full",
			(unsigned long long)end.log_lost.value);
		report_warning(NULL, text);
	}
	if (result == -ENOENT &&
		process_start_time((pid_t)existing->record.monitor.value, &start) < 0)
		report_warning(NULL, "the container's monitor was killed: what came after is lost");
	arena_free(&arena);
}

static int logs_print(const struct existing *existing, bool follow, struct error *err)
{
	const struct spec_record *record = &existing->record;
	auto_fd int monitor = -1;
	int result;

	if (!record->log.value) {
		error_set(err, ERROR_STATUS, ENOENT, "container %s has no log", record->id);
		error_hint(err, "only `run --detach` keeps one");
		return -ENOENT;
	}
	monitor = process_open((pid_t)record->monitor.value, record->monitor_start.value);
	result = log_copy(&existing->container, STDOUT_FILENO, follow, monitor, err);
	if (result == 0)
		losses_report(existing);
	return result;
}

int verb_logs(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	int result =
		existing_enter(&existing, command->value[OPTION_root], command->argv[0], 0, err);

	if (result == 0)
		result = logs_print(&existing, command->given[OPTION_follow], err);
	existing_free(&existing);
	return result;
}

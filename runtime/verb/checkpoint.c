/*
 * checkpoint: CRIU writes all processes down, to be made again by restore, and ends them; then the
 * container is over, and is removed like one that was deleted, so that its id is free for the
 * restore. It stays when CRIU fails, for then it goes on as if nothing had been. Meanwhile only
 * this verb may change it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/options.h"
#include "runtime/criu/streams.h"
#include "runtime/disposal.h"
#include "runtime/existing.h"
#include "runtime/number.h"
#include "state/journal.h"

#define LOCK_PATIENCE 10000 /* milliseconds */
#define LOG_NAME "dump.log"

/* One checkpoint. */
struct checkpoint {
	struct existing existing;
	const struct command *command;
	struct arena arena;
	struct compiled compiled;
	struct criu_place place;
	const char *program;
	int status_fd; /* -1: none */
};

static int checkpoint_check(const struct spec_record *record, struct error *err)
{
	enum status status = status_derive(record);

	if (status == STATUS_RUNNING || status == STATUS_PAUSED)
		return 0;
	return error_set(err, ERROR_STATUS, status == STATUS_STOPPED ? ESRCH : EBUSY,
		"container cannot be checkpointed in %s state", status_word(status));
}

static int status_fd_read(struct checkpoint *checkpoint, struct error *err)
{
	const struct command *command = checkpoint->command;
	uint32_t number = 0;
	int flags, result = number_option(command, OPTION_status_fd, INT32_MAX, &number, err);

	checkpoint->status_fd = -1;
	if (result < 0 || !command->given[OPTION_status_fd])
		return result;
	if (!command->given[OPTION_lazy_pages])
		return error_set(err, ERROR_USAGE, EINVAL,
			"--status-fd goes with --lazy-pages: nothing else has a status to tell");
	flags = fcntl((int)number, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return error_set(err, ERROR_USAGE, EBADF,
			"invalid --status-fd %u: it is no descriptor that can be written to",
			number);
	checkpoint->status_fd = (int)number;
	return 0;
}

/* What it was made by tells what of it is the host's. */
static int checkpoint_plan(struct checkpoint *checkpoint, struct error *err)
{
	struct compile_input input;
	int result = existing_read_spec(&checkpoint->existing, err);

	if (result == 0)
		result = existing_input(&checkpoint->existing, &input, err);
	if (result == 0)
		result = plan_compile(&input, &checkpoint->arena, &checkpoint->compiled, err);
	return result;
}

/* Namespaces that the container has joined stay where they are: named by what restore calls them.
 */
static int namespaces_add(
	struct checkpoint *checkpoint, struct protobuf *options, struct error *err)
{
	const struct spec_linux *linux = checkpoint->existing.spec.config.linux;
	static const struct {
		int type;
		const char *word, *name;
	} kept[] = {
		{CLONE_NEWNET, "net", "extRootNetNS"},
		{CLONE_NEWPID, "pid", "extRootPidNS"},
	};

	for (uint32_t i = 0; linux && i < linux->namespaces.count; i++)
		for (size_t k = 0; k < array_size(kept); k++) {
			const struct spec_namespace *namespace = &linux->namespaces.items[i];
			char path[48];
			struct stat st;

			if (!namespace->path || namespace->type.value != kept[k].type)
				continue;
			snprintf(path, sizeof(path), "/proc/%lld/ns/%s",
				(long long)checkpoint->existing.record.init.value, kept[k].word);
			if (stat(path, &st) < 0)
				return error_set(
					err, ERROR_NAMESPACE, errno, "cannot see %s: %m", path);
			protobuf_text(options, CRIU_options_external,
				arena_format(&checkpoint->arena, "%s[%llu]:%s", kept[k].word,
					(unsigned long long)st.st_ino, kept[k].name));
		}
	return 0;
}

static int container_add(struct checkpoint *checkpoint, struct protobuf *options, struct error *err)
{
	const struct spec_record *record = &checkpoint->existing.record;
	struct arena *arena = &checkpoint->arena;
	const char *slash = record->freezer ? strrchr(record->freezer, '/') : NULL;
	auto_fd int root = -1;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%lld/root", (long long)record->init.value);
	root = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot open the container's root: %m");
	protobuf_number(options, CRIU_options_pid, record->init.value);
	protobuf_text(options, CRIU_options_root, record->rootfs);
	if (slash)
		protobuf_text(options, CRIU_options_freeze_cgroup,
			arena_copy(arena, record->freezer, (size_t)(slash - record->freezer)));
	criu_mounts_dump(options, checkpoint->compiled.plan, root, arena);
	return namespaces_add(checkpoint, options, err);
}

/* When the memory can be fetched, whoever waits is told. */
static int checkpoint_event(void *context, struct criu_event *event, struct error *err)
{
	struct checkpoint *checkpoint = context;

	if (checkpoint->status_fd < 0 || strcmp(event->script, "status-ready") != 0)
		return 0;
	if (write(checkpoint->status_fd, "", 1) != 1)
		return error_set(err, ERROR_CRIU, errno, "cannot write to the status fd: %m");
	close(fd_take(&checkpoint->status_fd));
	return 0;
}

static int checkpoint_write(struct checkpoint *checkpoint, struct error *err)
{
	const struct command *command = checkpoint->command;
	struct arena *arena = &checkpoint->arena;
	struct protobuf options = {.arena = arena}, body = {.arena = arena};
	struct criu_start start = {
		.fds = {checkpoint->place.images_fd, checkpoint->place.work_fd},
		.fd_count = 2,
	};
	struct criu criu = CRIU_NONE;
	struct criu_answer answer;
	struct criu_request request = {
		.kind = command->given[OPTION_pre_dump] ? CRIU_PRE_DUMP : CRIU_DUMP,
		.body = &body,
		.log = checkpoint->place.log,
		.happened = checkpoint_event,
		.context = checkpoint,
	};
	int result = criu_options_fill(
		&options, command, &checkpoint->place, &checkpoint->existing.spec, err);

	if (result == 0)
		result = criu_features_check(checkpoint->program, command, err);
	if (result == 0)
		result = container_add(checkpoint, &options, err);
	if (result == 0 && request.kind == CRIU_DUMP)
		result = criu_streams_write(
			checkpoint->place.images_fd, &checkpoint->existing.record, arena, err);
	protobuf_message(&body, CRIU_request_options, &options);
	if (result == 0)
		result = criu_begin(&criu, checkpoint->program, &start, err);
	if (result == 0)
		result = criu_ask(&criu, &request, &answer, err);
	criu_end(&criu);
	return result;
}

static int checkpoint_prepare(struct checkpoint *checkpoint, struct error *err)
{
	const struct command *command = checkpoint->command;
	struct existing *existing = &checkpoint->existing;
	int result = existing_enter(
		existing, command->value[OPTION_root], command->argv[0], LOCK_PATIENCE, err);

	if (result == 0)
		result = checkpoint_check(&existing->record, err);
	if (result == 0)
		result = status_fd_read(checkpoint, err);
	if (result == 0)
		result = checkpoint_plan(checkpoint, err);
	if (result == 0) {
		checkpoint->program = criu_find(&checkpoint->arena, err);
		result = checkpoint->program ? 0 : -err->number;
	}
	if (result == 0)
		result = criu_place_open(
			&checkpoint->place, command, true, LOG_NAME, &checkpoint->arena, err);
	return result;
}

int verb_checkpoint(const struct command *command, struct error *err)
{
	struct checkpoint checkpoint = {
		.existing = EXISTING_NONE, .command = command, .place = CRIU_PLACE_NONE};
	struct existing *existing = &checkpoint.existing;
	bool stays = command->given[OPTION_leave_running] || command->given[OPTION_pre_dump];
	int result = checkpoint_prepare(&checkpoint, err);

	if (result == 0)
		result = checkpoint_write(&checkpoint, err);
	if (result == 0)
		journal_add(&existing->container, verb_rows[command->verb].name,
			(struct spec_event){.pid = existing->record.init});
	if (result == 0 && !stays)
		result =
			disposal_run(&existing->container, &existing->record, &existing->spec, err);
	criu_place_close(&checkpoint.place);
	arena_free(&checkpoint.arena);
	existing_free(existing);
	return result;
}

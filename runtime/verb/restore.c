/*
 * restore: everything that create makes for a container is made, but for its process: that is
 * CRIU's to make, in the container's cgroup from the beginning, so that whatever may be left of it
 * is found there. Its hooks run when the namespaces are there. Its pid is recorded at once; for
 * others it is being created until CRIU has let go of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/console.h"
#include "runtime/console_socket.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/options.h"
#include "runtime/criu/restoration.h"
#include "runtime/criu/streams.h"
#include "runtime/foreground.h"
#include "state/life.h"

#define LOG_NAME "restore.log"

/* The process is there and waits, with its namespaces around it. */
static int restore_meet(struct restoration *restoration, pid_t pid, struct error *err)
{
	struct creation *creation = restoration->creation;
	struct walk *walk = &creation->walk;
	uint64_t start = 0;

	walk->pidfd = sys_pidfd_open(pid, 0);
	if (walk->pidfd < 0 || process_start_time(pid, &start) < 0)
		return error_set(err, ERROR_CRIU, ESRCH, "the restored process ended at once");
	walk->pid = pid;
	creation->record.init = (struct maybe_int){true, pid};
	creation->record.init_start = (struct maybe_uint){true, start};
	return record_write(&creation->container, &creation->record, err);
}

static int restore_event(void *context, struct criu_event *event, struct error *err)
{
	struct restoration *restoration = context;
	struct creation *creation = restoration->creation;
	int result = 0;

	if (event->pid > 0 && creation->walk.pid == 0)
		result = restore_meet(restoration, event->pid, err);
	if (result == 0 && strcmp(event->script, "setup-namespaces") == 0)
		result = restoration_namespaces(restoration, err);
	if (result == 0 && strcmp(event->script, "orphan-pts-master") == 0 && event->fd >= 0)
		result = restoration_terminal(restoration, fd_take(&event->fd), err);
	return result;
}

static int restore_ask(struct restoration *restoration, struct criu *criu, struct protobuf *options,
	struct error *err)
{
	struct protobuf body = {.arena = options->arena};
	struct criu_answer answer;
	struct criu_request request = {
		.kind = CRIU_RESTORE,
		.body = &body,
		.log = restoration->place.log,
		.happened = restore_event,
		.context = restoration,
	};
	int result = restoration_cgroups(options, criu->pid, err);

	protobuf_message(&body, CRIU_request_options, options);
	return result < 0 ? result : criu_ask(criu, &request, &answer, err);
}

/* From the prepared container to a running one. */
static int restore_run(struct restoration *restoration, struct protobuf *options, struct error *err)
{
	struct creation *creation = restoration->creation;
	struct criu criu = CRIU_NONE;
	int result = criu_mounts_prepare(creation->compiled.plan, creation->rootfs, err);

	if (result == 0)
		result = restoration_mounts(restoration, options, err);
	if (result == 0)
		result = criu_begin(&criu, restoration->program, &restoration->start, err);
	if (result == 0)
		result = restore_ask(restoration, &criu, options, err);
	criu_end(&criu);
	if (result == 0 && creation->walk.pid == 0)
		result = error_set(err, ERROR_CRIU, ESRCH, "criu restored no process");
	if (result == 0)
		restoration_clocks(restoration);
	/* not before it has let go of them: a signal in the middle would confuse it */
	return result < 0 ? result : creation_finish(creation, restoration->command, err);
}

static int restore_options(
	struct restoration *restoration, struct protobuf *options, struct error *err)
{
	const struct criu_place *place = &restoration->place;
	int result = criu_options_fill(
		options, restoration->command, place, &restoration->creation->spec, err);

	restoration->start = (struct criu_start){
		.streams = true,
		.fds = {place->images_fd, place->work_fd},
		.fd_count = 2,
		.enter = restoration_enter,
		.context = restoration,
	};

	protobuf_number(options, CRIU_options_restore_sibling, true);
	protobuf_number(options, CRIU_options_evasive_devices, true);
	if (result == 0)
		result = criu_streams_inherit(place->images_fd, options, options->arena, err);
	if (result == 0)
		result = restoration_join(restoration, options, err);
	return result;
}

static int restore_container(struct restoration *restoration, struct error *err)
{
	struct creation *creation = restoration->creation;
	struct arena *arena = &creation->spec.arena;
	struct protobuf options = {.arena = arena};
	int result;

	restoration->program = criu_find(arena, err);
	result = restoration->program ? 0 : -err->number;
	if (result == 0)
		result = criu_features_check(restoration->program, restoration->command, err);
	if (result == 0)
		result = criu_place_open(
			&restoration->place, restoration->command, false, LOG_NAME, arena, err);
	if (result == 0)
		result = restore_options(restoration, &options, err);
	if (result == 0)
		result = creation_prepare(creation, err);
	if (result == 0) {
		result = restore_run(restoration, &options, err);
		manager_close(&creation->manager);
		if (result < 0)
			creation_destroy(creation);
	}
	criu_place_close(&restoration->place);
	return result;
}

static int restore_foreground(struct restoration *restoration, struct error *err)
{
	struct creation *creation = restoration->creation;
	int result;

	foreground_begin();
	if (!restoration->command->given[OPTION_no_subreaper])
		foreground_adopt();
	result = restore_container(restoration, err);
	return result < 0 ? result : creation_attend(creation, restoration->master, false, err);
}

int verb_restore(const struct command *command, struct error *err)
{
	struct creation creation = CREATION_NONE;
	struct restoration restoration = {
		.creation = &creation, .command = command, .place = CRIU_PLACE_NONE, .master = -1};
	bool detach = command->given[OPTION_detach];
	int result = creation_plan(&creation, command, command->argv[0], false, err);

	if (result == 0)
		result = console_socket_use(detach, &creation.spec, creation.spec.config.process,
			command->value[OPTION_console_socket], &creation.console, err);
	if (result == 0)
		result = detach ? restore_container(&restoration, err)
				: restore_foreground(&restoration, err);
	return result; /* what is open and mapped ends with this process */
}

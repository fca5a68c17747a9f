/*
 * Making a container is: read and compile, which changes nothing; write the intent down; walk the
 * plan. From the moment that the id is taken there is one way back for every failure,
 * creation_destroy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/activation.h"
#include "runtime/bound.h"
#include "runtime/bundle.h"
#include "runtime/capability.h"
#include "runtime/confinement.h"
#include "runtime/creation.h"
#include "runtime/disposal.h"
#include "runtime/intent.h"
#include "runtime/number.h"
#include "runtime/pid_file.h"
#include "runtime/pidfd_socket.h"
#include "runtime/readiness.h"
#include "runtime/report.h"
#include "runtime/trace.h"
#include "runtime/unit/place.h"
#include "runtime/verb/choice.h"
#include "runtime/verb/overrides.h"
#include "state/door.h"
#include "state/journal.h"
#include "state/life.h"

static int creation_compile(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct spec *spec = &creation->spec;
	struct compile_input input = {
		.spec = spec,
		.process = spec->config.process,
		.id = creation->id,
		.bundle = creation->bundle,
		.rootfs = creation->rootfs,
		.cgroup_host = &creation->cgroup_host,
		.cgroup = &creation->cgroup,
		.resctrl = creation->resctrl,
		.capabilities = capability_available(),
		.privileged = creation->privileged,
		.door = creation->door,
		.lent = creation->door && command->value[OPTION_pidfd_socket] != NULL,
		.no_pivot = command->given[OPTION_no_pivot],
		.no_new_keyring = command->given[OPTION_no_new_keyring],
		.console = creation->terminal,
		.preserve_fds = creation->preserve_fds,
		.environment = environ,
		.traced = trace_room(),
		.warnings = &spec->warnings,
	};
	int result = plan_compile(&input, &spec->arena, &creation->compiled, err);

	if (result == 0)
		trace_plan(&creation->compiled, spec);
	trace_lap("compile the plan");
	return result;
}

/* The bundle, or the directory that stands for one, as the command line changes it. */
static int creation_bundle(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct spec *spec = &creation->spec;
	int result = command->value[OPTION_rootfs]
		? bundle_invent(command->value[OPTION_rootfs], spec, creation->bundle,
			  creation->rootfs, err)
		: bundle_read(command->value[OPTION_bundle], command->value[OPTION_config], spec,
			  creation->bundle, creation->rootfs, err);

	if (result == 0 && overrides_given(command))
		result = overrides_apply(command, spec, creation->rootfs, err);
	return result;
}

static int creation_read(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct spec *spec = &creation->spec;
	uint32_t sockets = 0;
	int result = container_id_check(creation->id, err);

	if (result == 0)
		result = store_root(
			command->value[OPTION_root], creation->root, sizeof(creation->root), err);
	if (result == 0)
		result = number_option(command, OPTION_preserve_fds, PRESERVE_FDS_MAX,
			&creation->preserve_fds, err);
	if (result == 0)
		result = creation_bundle(creation, command, err);
	if (result == 0)
		result = activation_pass(&spec->arena, spec->config.process, &sockets, err);
	creation->notifies = readiness_wanted();
	if (result == 0 && creation->notifies)
		result = readiness_plan(spec, creation->root, creation->id, err);
	if (result < 0)
		return result;
	creation->preserve_fds += sockets;
	creation->privileged = host_is_ours();
	creation->terminal = spec->config.process && spec->config.process->terminal.value;
	return 0;
}

/* The scope's place. Whose manager makes it: the system's for root, else the caller's own, which
 * has a cgroup only as far as one was delegated. */
static int creation_unit(struct creation *creation, const char *path, struct error *err)
{
	struct arena *arena = &creation->spec.arena;
	struct manager *manager = &creation->manager;
	struct cgroup_place *place = &creation->cgroup;
	int result;

	manager->user = !creation->privileged;
	/* what is wrong with the path is told before anybody is asked */
	result = unit_place(
		&creation->cgroup_host, manager->user, "", path, creation->id, arena, place, err);
	if (result == 0)
		result = manager_open(manager, arena, err);
	if (result == 0)
		result = unit_place(&creation->cgroup_host, manager->user, manager->cgroup, path,
			creation->id, arena, place, err);
	if (result == 0 && manager->user)
		cgroup_place_permitted(place);
	return result;
}

static int creation_place(
	struct creation *creation, const struct command *command, struct error *err)
{
	struct spec *spec = &creation->spec;
	const struct spec_linux *linux = spec->config.linux;
	const char *path = linux ? linux->cgroups_path : NULL;
	/* Who names no cgroup does without one where there is no right to make it. */
	bool lenient = !creation->privileged && !path;
	char pointer[sizeof(err->pointer)];
	enum cgroup_driver driver;
	int result = cgroup_driver_choose(command, &driver, err);

	if (result == 0)
		result = rootless_choose(command, &lenient, err);
	if (result < 0)
		return result;
	if (driver == CGROUP_SYSTEMD)
		result = creation_unit(creation, path, err);
	else
		result = cgroup_place(&creation->cgroup_host, driver, path, creation->id,
			&spec->arena, &creation->cgroup, err);
	if (result == 0 && lenient)
		cgroup_place_permitted(&creation->cgroup);
	creation->cgroup.unprivileged = !creation->privileged;
	if (result == 0)
		cgroup_place_report(&creation->cgroup_host, &creation->cgroup, &spec->arena);
	if (result < 0 && path && err->value[0] &&
		spec_pointer(spec, &linux->cgroups_path, pointer, sizeof(pointer)) == 0)
		error_pointer(err, "%s", pointer);
	return result;
}

int creation_plan(struct creation *creation, const struct command *command, const char *id,
	bool door, struct error *err)
{
	struct spec *spec = &creation->spec;
	int result;

	creation->id = id;
	creation->door = door;
	result = creation_read(creation, command, err);
	trace_lap("read the bundle");
	if (result == 0)
		result = cgroup_probe(&spec->arena, &creation->cgroup_host, err);
	if (result == 0)
		result = creation_place(creation, command, err);
	if (result == 0)
		result = confinement_check(spec, spec->config.process, err);
	if (result == 0)
		result = resctrl_place(spec, id, &creation->resctrl, err);
	if (result == 0)
		result = creation_compile(creation, command, err);
	if (result == 0 && !creation->silent)
		report_warnings(&spec->warnings);
	return result;
}

int creation_print(
	const struct creation *creation, const struct command *command, struct error *err)
{
	const char *format = command->value[OPTION_plan_format];
	bool json = format && strcmp(format, "json") == 0;

	if (format && !json && strcmp(format, "text") != 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"unknown format \"%s\": the plan is printed as text or json", format);
	return plan_print(STDOUT_FILENO, &creation->compiled, &creation->spec, json, err);
}

/* Everything before the walk: the directory with the bundle's copy and the door in it, and the
 * intent. */
static int creation_reserve(struct creation *creation, struct error *err)
{
	struct spec *spec = &creation->spec;
	struct intent intent = {
		.id = creation->id,
		.bundle = creation->bundle,
		.rootfs = creation->rootfs,
		.cgroup_host = &creation->cgroup_host,
		.cgroup = &creation->cgroup,
		.resctrl = &creation->resctrl,
		.unit_user = creation->manager.user,
		.monitored = creation->monitored,
	};
	int result = intent_fill(&intent, spec, &creation->record, err);

	if (result == 0 && spec->config.hooks)
		result = state_document(
			&creation->record, STATUS_CREATING, &spec->arena, &creation->document, err);
	if (result == 0 && (creation->spare = eventfd(0, EFD_CLOEXEC)) < 0)
		result = error_set(err, ERROR_SYSTEM, errno, "cannot open anything: %m");
	if (result == 0)
		result = container_reserve(&creation->container, creation->root, creation->id, err);
	if (result == 0)
		bound_own(creation->id);
	if (result == 0)
		result = record_begin(&creation->container, &creation->record, err);
	if (result == 0)
		result = bundle_keep(&creation->container, spec->bytes, spec->length, err);
	if (result == 0 && creation->notifies)
		result = readiness_make(&creation->container, err);
	if (result == 0 && creation->door) {
		creation->walk.door = door_make(&creation->container, err);
		result = creation->walk.door < 0 ? creation->walk.door : 0;
	}
	return result;
}

/* What the walk needs to know. */
static void creation_equip(struct creation *creation)
{
	struct walk *walk = &creation->walk;

	walk->compiled = &creation->compiled;
	walk->spec = &creation->spec;
	walk->root = creation->root;
	walk->container = &creation->container;
	walk->record = &creation->record;
	walk->document = &creation->document;
	walk->console = creation->console;
	walk->preserve_fds = creation->preserve_fds;
	walk->unit = creation->cgroup.unit;
	walk->manager = walk->unit ? &creation->manager : NULL;
}

/* A failure takes back what has been made so far. */
static int creation_walk(
	struct creation *creation, int (*walk)(struct walk *, struct error *), struct error *err)
{
	int result = creation_reserve(creation, err);

	trace_lap("reserve the id, write the record");
	if (result == 0) {
		creation_equip(creation);
		result = walk(&creation->walk, err);
	}
	/* a scope that nobody is in would go at once */
	if (result < 0 || walk != walk_prepare)
		manager_close(&creation->manager);
	if (result < 0)
		creation_destroy(creation);
	return result;
}

int creation_make(struct creation *creation, struct error *err)
{
	return creation_walk(creation, walk_create, err);
}

int creation_prepare(struct creation *creation, struct error *err)
{
	return creation_walk(creation, walk_prepare, err);
}

static int creation_record(struct creation *creation, struct error *err)
{
	struct spec_record *record = &creation->record;
	const struct walk *walk = &creation->walk;
	uint64_t start = record->init_start.value;

	/* an init that nobody can tell from another process must not exist */
	if (!record->init_start.given && process_start_time(walk->pid, &start) < 0)
		return error_set(err, ERROR_GATE, ESRCH,
			"the container's first process ended before it was recorded");
	record->pid = arena_format(&creation->spec.arena, "%d", walk->pid);
	record->status = status_word(creation->door ? STATUS_CREATED : STATUS_RUNNING);
	record->init = (struct maybe_int){true, walk->pid};
	record->init_start = (struct maybe_uint){true, start};
	record->gate = (struct maybe_uint){walk->image > 0, walk->image};
	record->steps = (struct maybe_uint){true, walk->compiled->plan->step_count};
	record->creator = (struct maybe_int){0};
	record->creator_start = (struct maybe_uint){0};
	if (!record->pid)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	/* a group that was asked for by its name stays for whoever shares it */
	if (record->resctrl.count && creation->spec.config.linux->intel_rdt->clos_id)
		record->resctrl.items[0].made.value = false;
	return record_write(&creation->container, record, err);
}

int creation_finish(struct creation *creation, const struct command *command, struct error *err)
{
	int result = creation_record(creation, err);

	if (result == 0)
		result = pidfd_send(command->value[OPTION_pidfd_socket], creation->walk.pidfd, err);
	if (result == 0)
		result = pid_file_write(command->value[OPTION_pid_file], creation->walk.pid, err);
	trace_lap("record the process");
	if (result < 0)
		creation_destroy(creation);
	else
		journal_add(&creation->container,
			command->verb == VERB_restore ? "restore" : "create",
			(struct spec_event){.pid = creation->record.init});
	return result;
}

static int creation_poststart(struct creation *creation, struct error *err)
{
	const struct spec *spec = &creation->spec;
	struct state_document document;
	int result;

	if (!spec->config.hooks || !spec->config.hooks->poststart.count)
		return 0;
	result = state_document(
		&creation->record, STATUS_RUNNING, &creation->spec.arena, &document, err);
	if (result < 0)
		return result;
	return hooks_run(spec, &spec->config.hooks->poststart, creation->bundle, &document,
		creation->walk.pid, err);
}

/* The socket on which the program says that it is ready. */
static int creation_listen(struct creation *creation, struct error *err)
{
	if (!creation->notifies)
		return 0;
	creation->readiness = readiness_listen(&creation->container, err);
	return err->code ? -err->number : 0;
}

int creation_start(struct creation *creation, struct error *err)
{
	int result = creation_listen(creation, err);

	if (result == 0)
		result = walk_start(&creation->walk, err);
	if (result == 0)
		result = creation_poststart(creation, err);
	if (result < 0)
		creation_destroy(creation);
	else
		journal_add(&creation->container, "start",
			(struct spec_event){.pid = creation->record.init});
	return result;
}

void creation_destroy(struct creation *creation)
{
	struct error err = {0};

	if (creation->container.dir < 0)
		return;
	walk_undo(&creation->walk);
	pid_file_remove();
	fd_cleanup(&creation->spare);
	creation->spare = -1;
	creation->record.init = (struct maybe_int){0}; /* reaped: the pid may be another's by now */
	if (disposal_run(&creation->container, &creation->record, &creation->spec, &err) < 0)
		report_warning(err.pointer, err.message);
	container_leave(&creation->container);
}

void creation_free(struct creation *creation)
{
	manager_close(&creation->manager);
	walk_free(&creation->walk);
	fd_cleanup(&creation->walk.door);
	fd_cleanup(&creation->console);
	fd_cleanup(&creation->readiness);
	fd_cleanup(&creation->spare);
	container_leave(&creation->container);
	spec_free(&creation->spec);
}

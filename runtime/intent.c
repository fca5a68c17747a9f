/*
 * The intent is written before the first resource is made, with the name of every one: killed at
 * any instant, we leave nothing that `delete` cannot find. Which cgroup directories are ours is
 * added once it is known; until then "made" is absent and there can be nothing inside them.
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/intent.h"
#include "state/life.h"
#include "state/status.h"
#include "state/timestamp.h"

/* The words of a list joined with spaces. NULL when there is no memory. */
static const char *words_join(struct arena *arena, const struct string_list *words)
{
	size_t length = 1;
	char *line, *end;

	for (uint32_t i = 0; i < words->count; i++)
		length += strlen(words->items[i]) + 1;
	line = end = arena_alloc(arena, length);
	for (uint32_t i = 0; line && i < words->count; i++) {
		if (i)
			*end++ = ' ';
		end = stpcpy(end, words->items[i]);
	}
	return line;
}

static bool cgroups_fill(
	struct arena *arena, const struct cgroup_place *place, struct spec_record *record)
{
	uint32_t count = 0;

	record->cgroups.items =
		arena_alloc(arena, (place->count + 1) * sizeof(*record->cgroups.items));
	if (!record->cgroups.items)
		return false;
	for (uint32_t i = 0; i < place->count; i++)
		if (place->directories[i])
			record->cgroups.items[count++] = (struct spec_cgroup_directory){
				.path = place->directories[i],
				.parents = {place->parents > 0, place->parents},
			};
	record->cgroups.count = count;
	record->cgroups.given = true;
	return true;
}

/* A group that is not there yet is ours from its first moment; the kernel lets anybody remove one
 * that is in use. */
static bool resctrl_fill(
	struct arena *arena, const struct resctrl_place *place, struct spec_record *record)
{
	const char *const groups[] = {place->group, place->monitor};
	struct spec_cgroup_directory *items;

	if (!place->group)
		return true;
	items = arena_alloc(arena, array_size(groups) * sizeof(*items));
	if (!items)
		return false;
	record->resctrl.items = items;
	record->resctrl.given = true;
	for (size_t i = 0; i < array_size(groups) && groups[i]; i++)
		items[record->resctrl.count++] = (struct spec_cgroup_directory){
			.path = groups[i],
			.made = {true, access(groups[i], F_OK) < 0},
		};
	return true;
}

static bool times_fill(struct arena *arena, struct spec_record *record)
{
	char created[TIMESTAMP_SIZE], classic[TIMESTAMP_SIZE];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	timestamp_rfc3339(&now, created);
	timestamp_classic(&now, classic);
	record->created = arena_copy(arena, created, strlen(created));
	record->create_time = arena_copy(arena, classic, strlen(classic));
	return record->created && record->create_time;
}

static const char *driver_word(enum cgroup_driver driver)
{
	static const char *const words[] = {
		[CGROUP_CGROUPFS] = "cgroupfs",
		[CGROUP_SYSTEMD] = "systemd",
		[CGROUP_DISABLED] = "disabled",
	};

	return words[driver];
}

/* How many hooks start and delete have to think of: without any they do not read the configuration.
 */
static struct maybe_uint hooks_count(const struct spec_config *config)
{
	const struct spec_hooks *hooks = config->hooks;

	if (!config->process)
		return (struct maybe_uint){0}; /* for start to say so */
	if (!hooks)
		return (struct maybe_uint){true, 0};
	return (struct maybe_uint){true,
		(uint64_t)hooks->start_container.count + hooks->poststart.count +
			hooks->poststop.count};
}

int intent_fill(const struct intent *intent, struct spec *spec, struct spec_record *record,
	struct error *err)
{
	const struct spec_process *process = spec->config.process;
	struct arena *arena = &spec->arena;
	uint64_t start;

	*record = (struct spec_record){
		.id = intent->id,
		.name = intent->id,
		.command = "",
		.status = status_word(STATUS_CREATING),
		.schema = RECORD_SCHEMA,
		.bundle = intent->bundle,
		.rootfs = intent->rootfs,
		.creator = {true, getpid()},
		.owner = {true, getauxval(AT_UID)},
		.cgroup_driver = driver_word(intent->cgroup->driver),
		.freezer = cgroup_freezer_file(intent->cgroup_host, intent->cgroup, arena),
		.hooks = hooks_count(&spec->config),
		.terminal = {true, process && process->terminal.value},
		.annotations = spec->config.annotations,
	};
	if (intent->cgroup->unit) {
		record->unit = intent->cgroup->unit;
		record->unit_user = (struct maybe_bool){true, intent->unit_user};
	}
	if (process)
		record->command = words_join(arena, &process->args);
	if (!record->command || !cgroups_fill(arena, intent->cgroup, record) ||
		!resctrl_fill(arena, intent->resctrl, record) || !times_fill(arena, record))
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	/* without our start time nobody could tell later whether we are still alive */
	if (process_start_time((pid_t)record->creator.value, &start) < 0)
		return error_set(err, ERROR_SYSTEM, ESRCH, "cannot read our own start time");
	record->creator_start = (struct maybe_uint){true, start};
	if (intent->monitored) {
		monitor_options_keep(intent->monitored, record);
		record->monitor = record->creator;
		record->monitor_start = record->creator_start;
	}
	return 0;
}

/*
 * stats: what running containers use, again and again. The share of a CPU is what was used between
 * two looks, so there are always two of them. On a terminal the table stands still; into a file it
 * is printed each time.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/accounting.h"
#include "runtime/columns.h"
#include "runtime/listing.h"
#include "runtime/number.h"
#include "runtime/quantity.h"
#include "runtime/short_id.h"
#include "spec/json.h"
#include "state/ending.h"

#define INTERVAL 1000  /* ms between two looks */
#define FIRST_LOOK 200 /* ms before the first table */
#define SCHEMA "mydocker.stats/1"
#define SCREEN_CLEAR "\033[H\033[J"
#define SHARE_NOTICE 7500 /* hundredths of a per cent of the limit */
#define SHARE_BAD 9000

static const char *const headings[] = {"ID", "NAME", "CPU %", "MEMORY", "LIMIT", "MEM %", "PIDS"};
enum { SHARE = 5 };

struct sample {
	const char *id, *name;
	struct accounting accounting;
	int64_t moment; /* ms */
	struct sample *next;
};

/* One look at all containers that are asked for. */
struct look {
	const struct command *command;
	struct arena arena;
	struct sample *first, **last;
};

static bool look_wants(const struct look *look, const char *id)
{
	for (int i = 0; i < look->command->argc; i++)
		if (strcmp(look->command->argv[i], id) == 0)
			return true;
	return look->command->argc == 0;
}

static int look_visit(const struct overview *overview, void *context)
{
	struct look *look = context;
	struct sample *sample;

	if (!overview->known || overview->status == STATUS_STOPPED ||
		!look_wants(look, overview->id))
		return 0;
	sample = arena_alloc(&look->arena, sizeof(*sample));
	if (!sample)
		return -ENOMEM;
	sample->id = arena_format(&look->arena, "%s", overview->id);
	sample->name = arena_format(&look->arena, "%s", overview->record.name);
	sample->accounting = accounting_read(&overview->record.cgroups);
	sample->moment = moment_now();
	*look->last = sample;
	look->last = &sample->next;
	return 0;
}

static int look_take(struct look *look, const struct command *command, struct error *err)
{
	*look = (struct look){.command = command};
	look->last = &look->first;
	return overview_each(command, false, look_visit, look, err);
}

/* Hundredths of a per cent of one CPU since the look before; absent without one. */
static struct maybe_uint cpu_share(const struct look *before, const struct sample *sample)
{
	const struct sample *old = before->first;

	while (old && strcmp(old->id, sample->id) != 0)
		old = old->next;
	if (!old || sample->moment <= old->moment || !sample->accounting.cpu_usec.given ||
		sample->accounting.cpu_usec.value < old->accounting.cpu_usec.value)
		return (struct maybe_uint){0};
	return (struct maybe_uint){true,
		(sample->accounting.cpu_usec.value - old->accounting.cpu_usec.value) * 10 /
			(uint64_t)(sample->moment - old->moment)};
}

/* "12.34" of hundredths. */
static const char *share_format(struct arena *arena, struct maybe_uint share)
{
	return share.given
		? arena_format(arena, "%llu.%02llu", (unsigned long long)share.value / 100,
			  (unsigned long long)share.value % 100)
		: "";
}

/* How near the limit is. */
static enum shade share_shade(struct maybe_uint share)
{
	if (!share.given || share.value < SHARE_NOTICE)
		return SHADE_NONE;
	return share.value < SHARE_BAD ? SHADE_NOTICE : SHADE_BAD;
}

static void table_print(struct look *look, const struct look *before)
{
	struct columns columns;

	columns_begin(&columns, &look->arena, headings, array_size(headings));
	for (const struct sample *sample = look->first; sample; sample = sample->next) {
		struct maybe_uint limit = sample->accounting.memory_limit;
		struct maybe_uint memory = sample->accounting.memory;
		struct maybe_uint share = {limit.given && memory.given && limit.value > 0,
			limit.value > 0 ? memory.value * 10000 / limit.value : 0};

		columns_add(&columns,
			(const char *const[]){
				sample->id,
				sample->name,
				share_format(&look->arena, cpu_share(before, sample)),
				quantity_bytes(&look->arena, memory),
				quantity_bytes(&look->arena, limit),
				share_format(&look->arena, share),
				quantity_count(&look->arena, sample->accounting.pids),
			});
		columns_shade(&columns, SHARE, share_shade(share));
	}
	columns_print(&columns);
}

/* One line for each look. */
static int json_print(struct look *look, const struct look *before, struct error *err)
{
	struct json_writer writer;
	const char *text;

	json_begin(&writer, &look->arena, 0);
	json_object(&writer);
	json_member_string(&writer, "schema", SCHEMA);
	json_key(&writer, "containers");
	json_array(&writer);
	for (const struct sample *sample = look->first; sample; sample = sample->next) {
		struct maybe_uint share = cpu_share(before, sample);

		json_object(&writer);
		json_member_string(&writer, "id", sample->id);
		json_member_string(&writer, "name", sample->name);
		if (share.given) {
			json_key(&writer, "cpuPercent");
			json_hundredths(&writer, share.value);
		}
		accounting_write(&writer, &sample->accounting);
		json_object_end(&writer);
	}
	json_array_end(&writer);
	json_object_end(&writer);
	text = json_finish(&writer, NULL, err);
	if (text)
		puts(text);
	return text ? 0 : -err->number;
}

static int look_print(
	struct look *look, const struct look *before, bool json, bool terminal, struct error *err)
{
	int result = 0;

	if (terminal && !json)
		fputs(SCREEN_CLEAR, stdout);
	if (json)
		result = json_print(look, before, err);
	else
		table_print(look, before);
	return result == 0 && fflush(stdout) != 0 ? 1 : result; /* 1: nobody reads any more */
}

/* Each look is compared with the one before; the stream ends with the last container. */
static int stats_stream(
	const struct command *command, bool json, int64_t interval, struct error *err)
{
	bool terminal = isatty(STDOUT_FILENO), once = command->given[OPTION_no_stream];
	int64_t pause = interval < FIRST_LOOK ? interval : FIRST_LOOK;
	struct look looks[2];
	int result = look_take(&looks[0], command, err);

	for (int now = 1; result == 0; now = !now) {
		poll(NULL, 0, (int)pause);
		pause = interval;
		result = look_take(&looks[now], command, err);
		if (result == 0)
			result =
				look_print(&looks[now], &looks[!now], json, terminal && !once, err);
		arena_free(&looks[!now].arena);
		if (once || !looks[now].first)
			break;
	}
	return result < 0 ? result : 0;
}

/* Whoever names a container wants to hear that there is none; what was shortened becomes whole. */
static int names_complete(const struct command *command, struct error *err)
{
	int result = 0;

	for (int i = 0; result == 0 && i < command->argc; i++) {
		struct existing existing = EXISTING_NONE;

		result = existing_find(
			&existing, command->value[OPTION_root], command->argv[i], 0, err);
		if (result == 0 && strcmp(existing.container.id, command->argv[i]) != 0)
			command->argv[i] = strdup(existing.container.id); /* ends with us */
		if (result == 0 && !command->argv[i])
			result = error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
		existing_free(&existing);
	}
	return result;
}

int verb_stats(const struct command *command, struct error *err)
{
	int64_t interval = INTERVAL;
	int json = listing_is_json(command, err);
	int result = json < 0 ? json : duration_option(command, OPTION_interval, &interval, err);

	if (result == 0 && (interval < 1 || interval > INT32_MAX))
		result = error_set(err, ERROR_USAGE, EINVAL, "an interval is from 1 ms to 24 days");
	if (result == 0)
		result = names_complete(command, err);
	return result < 0 ? result : stats_stream(command, json, interval, err);
}

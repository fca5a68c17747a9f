/*
 * A session is shown by the oldest of its processes: the command itself as long as that lives, then
 * one of those that it has left behind.
 */
#include "runtime/sessions.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/columns.h"
#include "runtime/listing.h"
#include "runtime/number.h"
#include "runtime/process.h"
#include "runtime/session.h"
#include "runtime/short_id.h"
#include "runtime/signal.h"
#include "spec/json.h"

#define SCHEMA "mydocker.sessions/1"
#define DEATH_PATIENCE 10000 /* ms */
#define DEATH_LOOK 10        /* ms between looks at a cgroup that empties */

static const char *const headings[] = {"SESSION", "PID", "PIDS", "ELAPSED", "COMMAND"};

struct sessions {
	struct arena *arena;
	struct columns columns;
	struct json_writer *json; /* NULL: a table */
	uint32_t number;          /* the one that is looked for */
	struct session found;
};

bool sessions_meant(const struct command *command)
{
	const char *word = command->argv[0];

	return (strcmp(word, "ls") == 0 && command->argc == 2) ||
		(strcmp(word, "kill") == 0 && (command->argc == 3 || command->argc == 4));
}

/* The oldest of them. False when all have ended meanwhile. */
static bool oldest_read(const pid_t *pids, uint32_t count, struct process *oldest)
{
	static struct process process;
	bool found = false;

	for (uint32_t i = 0; i < count; i++)
		if (process_read(&process, pids[i]) && (!found || process.start < oldest->start)) {
			*oldest = process;
			found = true;
		}
	return found;
}

static void session_json(struct sessions *sessions, const struct session *session,
	const struct process *oldest, const pid_t *pids, uint32_t count)
{
	struct json_writer *json = sessions->json;

	json_object(json);
	json_member_unsigned(json, "session", session->number);
	json_member_integer(json, "pid", oldest->pid);
	json_key(json, "pids");
	json_array(json);
	for (uint32_t i = 0; i < count; i++)
		json_integer(json, pids[i]);
	json_array_end(json);
	json_member_string(json, "elapsed", process_elapsed(oldest, sessions->arena));
	json_member_string(json, "command", oldest->command);
	json_object_end(json);
}

static int session_show(
	const struct session *session, const pid_t *pids, uint32_t count, void *context)
{
	static struct process oldest;
	struct sessions *sessions = context;
	struct arena *arena = sessions->arena;

	if (!oldest_read(pids, count, &oldest))
		return 0;
	if (sessions->json)
		session_json(sessions, session, &oldest, pids, count);
	else
		columns_add(&sessions->columns,
			(const char *const[]){
				arena_format(arena, "%u", session->number),
				arena_format(arena, "%d", oldest.pid),
				arena_format(arena, "%u", count),
				process_elapsed(&oldest, arena),
				oldest.command,
			});
	return 0;
}

static int list_print(struct existing *existing, bool json, struct error *err)
{
	struct arena *arena = &existing->spec.arena;
	struct json_writer writer;
	struct sessions sessions = {.arena = arena, .json = json ? &writer : NULL};
	const char *text;
	int result;

	columns_begin(&sessions.columns, arena, headings, array_size(headings));
	sessions.columns.yielding = 1u << (array_size(headings) - 1); /* the command */
	json_begin(&writer, arena, 0);
	json_object(&writer);
	json_member_string(&writer, "schema", SCHEMA);
	json_member_string(&writer, "id", existing->container.id);
	json_key(&writer, "sessions");
	json_array(&writer);
	result = session_each(existing, session_show, &sessions, err);
	json_array_end(&writer);
	json_object_end(&writer);
	if (result < 0)
		return result;
	if (!json) {
		columns_print(&sessions.columns);
		return 0;
	}
	text = json_finish(&writer, NULL, err);
	return text ? puts(text), 0 : -err->number;
}

static int session_match(
	const struct session *session, const pid_t *pids, uint32_t count, void *context)
{
	struct sessions *sessions = context;

	if (session->number == sessions->number)
		sessions->found = *session;
	return 0;
}

/* Until nobody is left in it. */
static int end_await(struct existing *existing, struct sessions *sessions, struct error *err)
{
	for (int waited = 0; waited < DEATH_PATIENCE; waited += DEATH_LOOK) {
		int result;

		sessions->found = SESSION_NONE;
		result = session_each(existing, session_match, sessions, err);
		if (result < 0 || !sessions->found.number)
			return result;
		poll(NULL, 0, DEATH_LOOK);
	}
	return error_set(err, ERROR_TIMEOUT, ETIMEDOUT, "the processes of session %u do not die",
		sessions->number);
}

static int session_kill(struct existing *existing, const struct command *command, struct error *err)
{
	struct sessions sessions = {.found = SESSION_NONE};
	int signal = SIGKILL;
	int result = 0;

	if (number_parse(command->argv[2], UINT32_MAX, &sessions.number, NULL) < 0)
		return error_set(err, ERROR_USAGE, EINVAL, "invalid session \"%s\": not a number",
			command->argv[2]);
	if (command->argc > 3)
		result = signal_read(command->argv[3], &signal, err);
	if (result == 0)
		result = session_each(existing, session_match, &sessions, err);
	if (result == 0 && !sessions.found.number) {
		error_set(err, ERROR_NOT_FOUND, ENOENT, "container %s has no session %u",
			existing->container.id, sessions.number);
		error_hint(err, "see exec ls %s", existing->container.id);
		return -ENOENT;
	}
	if (result == 0)
		result = session_signal(&sessions.found, signal, err);
	return result == 0 && signal == SIGKILL ? end_await(existing, &sessions, err) : result;
}

int sessions_run(const struct command *command, struct error *err)
{
	struct existing existing = EXISTING_NONE;
	struct compile_input input;
	int json = listing_is_json(command, err);
	int result = json < 0
		? json
		: existing_find(&existing, command->value[OPTION_root], command->argv[1], 0, err);

	if (result == 0)
		result = existing_input(&existing, &input, err);
	if (result == 0)
		result = strcmp(command->argv[0], "ls") == 0
			? list_print(&existing, json > 0, err)
			: session_kill(&existing, command, err);
	existing_free(&existing);
	return result;
}

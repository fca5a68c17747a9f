/*
 * One verb may sweep up what has ended while another has just made a cgroup that is still empty: so
 * whoever makes one keeps a lock on it until its command is inside, and only what can be locked is
 * swept up.
 */
#include "runtime/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/number.h"

#define PREFIX "exec-"
#define SESSIONS_MAX 4096

/* Where the container's directory of version 2 is among its directories, or NULL. */
static const char **unified_directory(struct existing *existing)
{
	for (uint32_t i = 0; i < existing->cgroup.count; i++)
		if (existing->cgroup_host.hierarchies[i].unified && existing->cgroup.directories[i])
			return &existing->cgroup.directories[i];
	return NULL;
}

static bool directory_is(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino;
}

/* Opens and locks; -1 when somebody else holds it or it is gone. */
static int directory_hold(const char *path, int how)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, how | LOCK_NB) == 0 && directory_is(fd, path) ? fd_take(&fd)
										  : -1;
}

int session_make(struct existing *existing, struct session *session, struct error *err)
{
	const char **directory = unified_directory(existing);

	*session = SESSION_NONE;
	for (uint32_t number = 1; directory && number <= SESSIONS_MAX; number++) {
		const char *path =
			arena_format(&existing->spec.arena, "%s/" PREFIX "%u", *directory, number);

		if (!path)
			return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
		errno = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_set(err, ERROR_CGROUP, errno,
				"cannot make a cgroup for the session, %s: %s", path,
				strerror(errno));
		if (errno == EEXIST)
			continue;
		session->held = directory_hold(path, LOCK_SH);
		if (session->held < 0) /* swept up already */
			continue;
		session->number = number;
		session->path = *directory = path;
		return 0;
	}
	return directory ? error_set(err, ERROR_CGROUP, ENOSPC, "there are too many sessions") : 0;
}

void session_settle(struct session *session)
{
	fd_cleanup(&session->held);
	session->held = -1;
}

void session_end(const struct session *session)
{
	if (session->number)
		rmdir(session->path);
}

static void session_sweep(const struct session *session)
{
	auto_fd int held = directory_hold(session->path, LOCK_EX);

	if (held >= 0)
		rmdir(session->path);
}

/* The cgroup of one session, as the functions of cgroup.h take it. */
static int session_pids(const struct session *session, struct arena *arena, pid_t **pids,
	uint32_t *count, struct error *err)
{
	struct spec_cgroup_directory directory = {.path = session->path, .made = {true, true}};
	const struct spec_cgroup_directory_list list = {.count = 1, .items = &directory};

	return cgroup_processes(&list, arena, pids, count, err);
}

int session_signal(const struct session *session, int signal, struct error *err)
{
	struct spec_cgroup_directory directory = {.path = session->path, .made = {true, true}};
	const struct spec_cgroup_directory_list list = {.count = 1, .items = &directory};

	return cgroup_signal(&list, signal, err);
}

static int number_compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* The numbers of all sessions, sorted. */
static uint32_t numbers_read(const char *directory, uint32_t *numbers)
{
	DIR *entries = opendir(directory);
	uint32_t count = 0;

	for (struct dirent *entry; entries && count < SESSIONS_MAX && (entry = readdir(entries));)
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
			number_parse(entry->d_name + strlen(PREFIX), SESSIONS_MAX, &numbers[count],
				NULL) == 0)
			count++;
	if (entries)
		closedir(entries);
	qsort(numbers, count, sizeof(*numbers), number_compare);
	return count;
}

int session_each(struct existing *existing,
	int (*visit)(
		const struct session *session, const pid_t *pids, uint32_t count, void *context),
	void *context, struct error *err)
{
	const char **directory = unified_directory(existing);
	static uint32_t numbers[SESSIONS_MAX];
	uint32_t sessions = directory ? numbers_read(*directory, numbers) : 0;
	struct arena *arena = &existing->spec.arena;
	int result = 0;

	for (uint32_t i = 0; i < sessions && result == 0; i++) {
		struct session session = {.number = numbers[i],
			.held = -1,
			.path = arena_format(arena, "%s/" PREFIX "%u", *directory, numbers[i])};
		pid_t *pids = NULL;
		uint32_t count = 0;

		if (!session.path)
			return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
		result = session_pids(&session, arena, &pids, &count, err);
		if (result == 0 && count == 0)
			session_sweep(&session);
		else if (result == 0)
			result = visit(&session, pids, count, context);
	}
	return result;
}

/*
 * One packet there and one back, each with a bound that is a little longer than what the program
 * itself waits for. It ends when its socket is closed, so nothing of it outlives us, however we
 * end.
 */
#include "runtime/unit/manager.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"
#include "runtime/unit/manager_protocol.h"

#define PATIENCE (MANAGER_PATIENCE + 4 * MANAGER_CALL_PATIENCE) /* seconds */
#define END_PATIENCE 1000 /* milliseconds from closing its socket to its end */

static const char *const places[] = {"", "../libexec/"};

/* The program's path; false when it is in none of its places. */
static bool program_find(char *path, size_t size)
{
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

	while (length > 0 && own[length - 1] != '/')
		length--;
	for (size_t i = 0; length > 0 && i < array_size(places); i++) {
		int written = snprintf(
			path, size, "%.*s%s%s", (int)length, own, places[i], MANAGER_PROGRAM);

		if (written > 0 && (size_t)written < size && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

bool manager_available(void)
{
	char path[PATH_MAX];

	return program_find(path, sizeof(path));
}

/* ---- packets ---- */

struct packet {
	size_t length;
	bool full;
	char bytes[MANAGER_PACKET];
};

static void packet_add(struct packet *packet, const char *word)
{
	size_t size = strlen(word) + 1;

	packet->full |= size > sizeof(packet->bytes) - packet->length;
	if (packet->full)
		return;
	memcpy(packet->bytes + packet->length, word, size);
	packet->length += size;
}

/* A word of the packet, or "" when it has fewer. */
static const char *packet_word(const struct packet *packet, int number)
{
	size_t at = 0;

	while (number-- > 0 && at < packet->length)
		at += strlen(packet->bytes + at) + 1;
	return at < packet->length ? packet->bytes + at : "";
}

/* What a D-Bus error means to us. */
static const struct meaning {
	const char *name; /* or its end, after a "*" */
	enum error_code code;
	int number;
	const char *hint;
} meanings[] = {
	{MANAGER_ERROR_ABSENT, ERROR_UNSUPPORTED, ENOENT,
		"without --systemd-cgroup the cgroup is made directly"},
	{MANAGER_ERROR_TIMEOUT, ERROR_TIMEOUT, ETIMEDOUT, NULL},
	{"*UnitExists", ERROR_CGROUP, EEXIST,
		"another container, or a service, has this name: choose another cgroupsPath"},
	{"*AccessDenied", ERROR_CGROUP, EACCES,
		"the system's manager is root's; the caller's own needs its session: "
		"XDG_RUNTIME_DIR"},
	{"*InteractiveAuthorizationRequired", ERROR_CGROUP, EACCES,
		"the system's manager is root's; the caller's own needs its session: "
		"XDG_RUNTIME_DIR"},
};

static bool meaning_matches(const struct meaning *meaning, const char *name)
{
	const char *end = meaning->name + 1;
	size_t length = strlen(name);

	if (meaning->name[0] != '*')
		return strcmp(meaning->name, name) == 0;
	return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* The program's "failed NAME TEXT" as our error. */
static int answer_fail(const struct manager *manager, const struct packet *answer, const char *what,
	const char *unit, struct error *err)
{
	const char *name = packet_word(answer, 1);
	struct meaning meaning = {.code = ERROR_CGROUP, .number = EIO};

	for (size_t i = 0; i < array_size(meanings); i++)
		if (meaning_matches(&meanings[i], name))
			meaning = meanings[i];
	error_set(err, meaning.code, meaning.number, "systemd%s cannot %s%s%s: %s",
		manager->user ? " of the user" : "", what, unit ? " " : "", unit ? unit : "",
		packet_word(answer, 2));
	if (meaning.hint)
		error_hint(err, "%s", meaning.hint);
	return -meaning.number;
}

/* Sends the packet and receives the answer in its place. what and unit are for the error. */
static int manager_ask(const struct manager *manager, struct packet *packet, const char *what,
	const char *unit, struct error *err)
{
	ssize_t length;

	if (packet->full)
		return error_set(err, ERROR_CGROUP, E2BIG,
			"there are more properties than one request to systemd takes");
	length = send(manager->fd, packet->bytes, packet->length, MSG_NOSIGNAL);
	if (length >= 0)
		length = recv(manager->fd, packet->bytes, sizeof(packet->bytes) - 1, 0);
	if (length < 0 && errno == EAGAIN)
		return error_set(err, ERROR_TIMEOUT, ETIMEDOUT,
			"systemd has not answered within %d s", PATIENCE);
	if (length <= 0)
		return error_set(err, ERROR_SYSTEM, EPIPE, "%s has ended", MANAGER_PROGRAM);
	packet->length = (size_t)length;
	packet->bytes[length] = '\0';
	return strcmp(packet->bytes, "ok") == 0 ? 0 : answer_fail(manager, packet, what, unit, err);
}

/* ---- the program ---- */

static int program_spawn(struct manager *manager, const char *path, int end)
{
	char *argv[] = {MANAGER_PROGRAM, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r;

	/* A session of its own: the terminal's signals are not for it. */
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
	r = posix_spawn(&manager->pid, path, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (r != 0)
		manager->pid = 0;
	return -r;
}

static int program_start(struct manager *manager, struct error *err)
{
	struct timeval limit = {.tv_sec = PATIENCE};
	char path[PATH_MAX];
	auto_fd int end = -1;
	int ends[2], r;

	if (!program_find(path, sizeof(path))) {
		error_set(err, ERROR_UNSUPPORTED, ENOENT,
			"the program %s, which asks systemd for cgroups, is not installed",
			MANAGER_PROGRAM);
		error_hint(err,
			"it is built where libsystemd-dev is; without --systemd-cgroup the cgroup "
			"is made directly");
		return -ENOENT;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, ERROR_SYSTEM, errno, "cannot make a socket pair: %m");
	manager->fd = ends[0];
	end = ends[1];
	setsockopt(manager->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	r = program_spawn(manager, path, end);
	if (r < 0)
		return error_set(
			err, ERROR_SYSTEM, -r, "cannot execute %s: %s", path, strerror(-r));
	return 0;
}

int manager_open(struct manager *manager, struct arena *arena, struct error *err)
{
	struct packet packet = {0};
	const char *cgroup;
	int r;

	if (manager->fd >= 0)
		return 0;
	r = program_start(manager, err);
	packet_add(&packet, "hello");
	packet_add(&packet, manager->user ? "user" : "system");
	if (r == 0)
		r = manager_ask(manager, &packet, "be reached", NULL, err);
	if (r < 0)
		return r;
	cgroup = packet_word(&packet, 2);
	manager->cgroup = arena_copy(arena, cgroup, strlen(cgroup));
	return manager->cgroup ? 0 : error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
}

void manager_close(struct manager *manager)
{
	auto_fd int pidfd = manager->pid > 0 ? sys_pidfd_open(manager->pid, 0) : -1;
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	fd_cleanup(&manager->fd);
	manager->fd = -1;
	if (manager->pid <= 0)
		return;
	if (pidfd < 0 || poll(&end, 1, END_PATIENCE) != 1)
		kill(manager->pid, SIGKILL);
	while (waitpid(manager->pid, NULL, 0) < 0 && errno == EINTR)
		;
	manager->pid = 0;
}

/* ---- requests ---- */

static int unit_ask(const struct manager *manager, const char *verb, const char *unit,
	const char *const *words, uint32_t count, struct error *err)
{
	struct packet packet = {0};

	packet_add(&packet, verb);
	packet_add(&packet, unit);
	for (uint32_t i = 0; i < count; i++)
		packet_add(&packet, words[i]);
	return manager_ask(manager, &packet, verb, unit, err);
}

int manager_start(struct manager *manager, const char *unit, const char *const *properties,
	uint32_t count, struct error *err)
{
	return unit_ask(manager, "start", unit, properties, count, err);
}

int manager_set(struct manager *manager, const char *unit, const char *const *properties,
	uint32_t count, struct error *err)
{
	return unit_ask(manager, "set", unit, properties, count, err);
}

int manager_stop(struct manager *manager, const char *unit, struct error *err)
{
	return unit_ask(manager, "stop", unit, NULL, 0, err);
}

int manager_attach(struct manager *manager, const char *unit, pid_t pid, struct error *err)
{
	char number[16];
	const char *const words[] = {number};

	snprintf(number, sizeof(number), "%d", pid);
	return unit_ask(manager, "attach", unit, words, 1, err);
}

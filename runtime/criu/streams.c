/*
 * The first process may have given its streams new meanings since it began: a shell that writes
 * into `tee` has a pipe of its own there, and the outer one belongs to another process. So all of
 * them are looked at, and a pipe counts when only one end of it is inside.
 */
#include "runtime/criu/streams.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/criu/criu.h"
#include "spec/json.h"

#define STREAMS_FILE "descriptors.json"
#define STREAMS_MAX 4096 /* bytes that one may have */
#define PIPE "pipe:["

/* An open end of a pipe. */
struct end {
	struct end *next;
	pid_t pid;
	int fd;
	bool reads, writes;
	char name[40]; /* "pipe:[4711]" */
};

struct ends {
	struct arena *arena;
	struct end *first;
};

static void end_look(struct ends *ends, int directory, pid_t pid, const char *entry)
{
	char name[sizeof(ends->first->name)];
	ssize_t length = readlinkat(directory, entry, name, sizeof(name) - 1);
	struct end *end;
	struct stat link; /* its mode tells what the descriptor is open for */

	if (length < 0 || strncmp(name, PIPE, strlen(PIPE)) != 0 ||
		fstatat(directory, entry, &link, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	end = arena_alloc(ends->arena, sizeof(*end));
	if (!end)
		return;
	*end = (struct end){
		.next = ends->first,
		.pid = pid,
		.fd = atoi(entry),
		.reads = link.st_mode & S_IRUSR,
		.writes = link.st_mode & S_IWUSR,
	};
	memcpy(end->name, name, (size_t)length);
	ends->first = end;
}

static void process_look(struct ends *ends, pid_t pid)
{
	char path[32];
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (entry->d_name[0] != '.')
			end_look(ends, dirfd(directory), pid, entry->d_name);
	if (directory)
		closedir(directory);
}

/* True when nobody inside holds the other end. */
static bool leads_outside(const struct ends *ends, const struct end *end)
{
	bool read = false, written = false;

	for (const struct end *other = ends->first; other; other = other->next) {
		if (strcmp(other->name, end->name) != 0)
			continue;
		read |= other->reads && !other->writes;
		written |= other->writes && !other->reads;
	}
	return !(read && written);
}

/* The pipe of a stream that leads outside: the first process's, or somebody else's. NULL: none. */
static const char *stream_pipe(const struct ends *ends, int fd, pid_t init)
{
	const char *found = NULL;

	for (const struct end *end = ends->first; end; end = end->next)
		if (end->fd == fd && (fd == 0 ? end->reads : end->writes) &&
			leads_outside(ends, end)) {
			if (end->pid == init)
				return end->name;
			found = end->name;
		}
	return found;
}

static const char *stream_name(pid_t pid, int fd, struct arena *arena)
{
	char path[40], name[STREAMS_MAX / 4];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	length = readlink(path, name, sizeof(name));
	/* a pipe that is its own affair is not to be mistaken for the caller's */
	if (length > 0 && strncmp(name, PIPE, strlen(PIPE)) == 0)
		length = 0;
	return length > 0 ? arena_copy(arena, name, (size_t)length) : "";
}

static int streams_put(int images, const char *text, size_t length, struct error *err)
{
	auto_fd int fd = openat(
		images, STREAMS_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		return error_set(err, ERROR_CRIU, errno, "cannot write %s: %m", STREAMS_FILE);
	return 0;
}

int criu_streams_write(
	int images, const struct spec_record *record, struct arena *arena, struct error *err)
{
	struct ends ends = {.arena = arena};
	pid_t *pids = NULL, init = (pid_t)record->init.value;
	struct json_writer writer;
	struct error unheeded = {0};
	uint32_t count = 0;
	const char *text;
	size_t length;

	cgroup_processes(&record->cgroups, arena, &pids, &count, &unheeded);
	for (uint32_t i = 0; i < count; i++)
		process_look(&ends, pids[i]);
	if (count == 0)
		process_look(&ends, init);
	json_begin(&writer, arena, 0);
	json_array(&writer);
	for (int fd = 0; fd <= 2; fd++) {
		const char *name = stream_pipe(&ends, fd, init);

		json_string(&writer, name ? name : stream_name(init, fd, arena));
	}
	json_array_end(&writer);
	text = json_finish(&writer, &length, err);
	return text ? streams_put(images, text, length, err) : -ENOMEM;
}

/* Where the reading of the file leaves its strings. */
struct inheritance {
	struct protobuf *options;
	int fd; /* next */
};

static int stream_read(struct json_reader *reader, const struct json_value *value)
{
	struct inheritance *to = reader->context;
	struct protobuf inherit = {.arena = to->options->arena};

	if (value->type == JSON_ARRAY && reader->depth <= 1)
		return 0;
	if (value->type != JSON_STRING)
		return error_set(reader->err, ERROR_CRIU, EBADMSG,
			"%s holds something else than strings", STREAMS_FILE);
	if (value->length > strlen(PIPE) && memcmp(value->text, PIPE, strlen(PIPE)) == 0 &&
		to->fd <= 2) {
		protobuf_text(&inherit, CRIU_inherit_fd_key,
			arena_copy(inherit.arena, value->text, value->length));
		protobuf_number(&inherit, CRIU_inherit_fd_fd, to->fd);
		protobuf_message(to->options, CRIU_options_inherit_fd, &inherit);
	}
	to->fd++;
	return 0;
}

static int nothing_read(struct json_reader *reader)
{
	return 0;
}

static int key_read(struct json_reader *reader, const char *text, size_t length)
{
	return 0;
}

int criu_streams_inherit(
	int images, struct protobuf *options, struct arena *arena, struct error *err)
{
	static const struct json_handler handler = {
		.value = stream_read, .key = key_read, .end = nothing_read};
	auto_fd int fd =
		openat(images, STREAMS_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	char *text = arena_alloc(arena, STREAMS_MAX);
	ssize_t length = fd < 0 ? -1 : text ? read(fd, text, STREAMS_MAX) : 0;
	struct inheritance to = {.options = options};

	if (length < 0) {
		error_set(err, ERROR_CRIU, errno, "cannot read %s of the images: %m", STREAMS_FILE);
		error_hint(err, "is there a checkpoint at the image path?");
		return -err->number;
	}
	return json_read(text, (size_t)length, &handler, &to, err);
}

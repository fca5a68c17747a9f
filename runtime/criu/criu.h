/*
 * CRIU, the program that writes processes down and makes them again (criu.org), as its RPC has it:
 * a process of it for one request, with a socket to us. Its command line would do for most of this;
 * but a terminal's master comes out through the RPC alone, and so can what has to happen in the
 * middle of a restore (hooks, the record) be done here, by whoever knows the container.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/criu/protobuf.h"
#include "spec/error.h"

/* CRIU_<message>_<name>: a field's number; CRIU_<kind>: a kind of request. */
enum criu_field {
#define FIELD(message, name, number) CRIU_##message##_##name = number,
#include "runtime/criu/criu.def"
};
enum criu_kind {
#define KIND(name, number) CRIU_##name = number,
#include "runtime/criu/criu.def"
};

/* Numbers of the descriptors that it is given, after the socket, which is 3. */
enum { CRIU_FD = 4, CRIU_FD_IMAGES = CRIU_FD, CRIU_FD_WORK, CRIU_FD_NAMESPACES, CRIU_FD_END = 8 };

/* A process of CRIU. Start from CRIU_NONE. */
struct criu {
	pid_t pid;
	int pidfd;
	int socket;
};
#define CRIU_NONE ((struct criu){.pidfd = -1, .socket = -1})

/* How it is started. */
struct criu_start {
	bool streams; /* it gets our 0, 1 and 2, for what it restores; else /dev/null */
	int fds[CRIU_FD_END - CRIU_FD]; /* are CRIU_FD and following there */
	uint32_t fd_count;
	/* called in the new process before it becomes CRIU, may be NULL: 0 or -errno, and *what
	 * could not be done ("enter the cgroup"). It may open the descriptors anew. */
	int (*enter)(const void *context, struct criu_start *start, const char **what);
	const void *context;
};

/* What happens meanwhile. */
struct criu_event {
	const char *script; /* "setup-namespaces" and so on: CRIU calls them scripts */
	pid_t pid;          /* of the first process that it works on, 0 when it does not say */
	int fd;             /* that came with it, or -1; closed afterwards unless taken */
};

struct criu_request {
	enum criu_kind kind;
	const struct protobuf *body; /* the request's other fields */
	const char *log;             /* of its log, for the error's words; NULL: it writes none */
	/* called for each event, may be NULL. A failure, with err, makes CRIU take everything back.
	 */
	int (*happened)(void *context, struct criu_event *event, struct error *err);
	void *context;
};

/* What it says in the end. */
struct criu_answer {
	pid_t pid;          /* restored */
	uint64_t mem_track; /* features that were asked for: whether they are there */
	uint64_t lazy_pages;
};

/*
 * Looks for a program called criu in PATH and then where distributions put it. Returns its path, in
 * arena, or NULL with err (ERROR_UNSUPPORTED).
 */
const char *criu_find(struct arena *arena, struct error *err);

/* Asks the program itself (`criu check`) whether it can work on this kernel. 0, or -errno with err.
 */
int criu_check(struct error *err);

/* Starts one, our child. Returns 0 or -errno with err; criu_end in any case. */
int criu_begin(struct criu *criu, const char *program, struct criu_start *start, struct error *err);

/*
 * Puts the request and waits for its end, which is CRIU's own at the latest: how long writing down
 * a gigabyte takes nobody knows, but a process that has ended closes its socket. Returns 0 or
 * -errno with err: "criu failed: type KIND errno N, log file: PATH: ..." with what the log has to
 * say, or the failure of the request's own happened().
 */
int criu_ask(struct criu *criu, const struct criu_request *request, struct criu_answer *answer,
	struct error *err);

/* Closes the connection and waits until it has ended, after some time by force. May be called
 * twice.
 */
void criu_end(struct criu *criu);

/* The lines with which a log tells of errors, joined, in buffer; "" when there are none. */
void criu_log_excerpt(const char *path, char *buffer, size_t size);

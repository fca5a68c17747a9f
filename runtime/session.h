/*
 * Sessions: commands of `exec --leaf`, each in a cgroup of its own below the container's in the
 * unified hierarchy (cgroups(7)). What is in such a cgroup is the session; nothing else is written
 * down, so there is nothing that could be wrong, and it goes with the container's cgroup.
 */
#pragma once

#include "runtime/existing.h"

struct session {
	uint32_t number; /* 0: none */
	int held;        /* its cgroup, locked until the command is in it; -1 none. Owned */
	const char *path;
};
#define SESSION_NONE ((struct session){.held = -1})

/*
 * Makes the cgroup of the next free number, and lets existing->cgroup, which existing_input has
 * filled, lead there: the limits of the container's own cgroup count for it, too. Where the host or
 * the container has no cgroup of version 2 there is none: session->number stays 0. Returns 0 or
 * -errno with err. path is in the arena of existing.
 */
int session_make(struct existing *existing, struct session *session, struct error *err);

/* The command is in it: from now on an empty cgroup is the end of the session. */
void session_settle(struct session *session);

/* Removes the cgroup if nobody is left in it. */
void session_end(const struct session *session);

/*
 * Calls visit for each session of a container, in the order of their numbers, with the pids of its
 * processes, sorted. What is left of those that have ended is removed. Returns 0, the first nonzero
 * result of visit, or -errno with err.
 */
int session_each(struct existing *existing,
	int (*visit)(
		const struct session *session, const pid_t *pids, uint32_t count, void *context),
	void *context, struct error *err);

/* Sends a signal to every process of a session; KILL to all at once. Returns 0 or -errno with err.
 */
int session_signal(const struct session *session, int signal, struct error *err);

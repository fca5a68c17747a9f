/* What is peculiar to a container that is restored: where CRIU works, what it joins, and what
 * happens in the middle. Only verb/restore.c includes this. */
#pragma once

#include "runtime/creation.h"
#include "runtime/criu/options.h"

/* One restore. */
struct restoration {
	struct creation *creation;
	const struct command *command;
	const char *program;
	struct criu_place place;
	struct criu_start start;
	char root[PATH_MAX]; /* where CRIU finds the root filesystem */
	int master;          /* of the terminal that we serve, or -1 */
};

/* Adds the namespaces that are joined. Returns 0 or -errno with err. */
int restoration_join(struct restoration *restoration, struct protobuf *options, struct error *err);

/* Makes the place of the root filesystem and adds it, with the mounts that lead outside. 0 or
 * -errno with err. */
int restoration_mounts(
	struct restoration *restoration, struct protobuf *options, struct error *err);

/* criu_start.enter: the cgroup, and a mount namespace in which the root filesystem is a mount. */
int restoration_enter(const void *context, struct criu_start *start, const char **what);

/* Adds the cgroups that CRIU (pid) has entered, as those of the container. 0 or -errno with err. */
int restoration_cgroups(struct protobuf *options, pid_t pid, struct error *err);

/* When the process has its namespaces: loopback, network devices, hooks. 0 or -errno with err. */
int restoration_namespaces(struct restoration *restoration, struct error *err);

/* Records whether the process is in a time namespace: CRIU makes one, asked or not, so that clocks
 * go on where they were, and exec has to enter it, too (time_namespaces(7)). */
void restoration_clocks(struct restoration *restoration);

/* The terminal's master, which is taken over, goes to who serves it. 0 or -errno with err. */
int restoration_terminal(struct restoration *restoration, int master, struct error *err);

/*
 * A container being made, as create and run share it: bundle to plan without touching anything,
 * then everything up to a process that waits for KEEP or START. See walk.h for the part that
 * follows the plan.
 */
#pragma once

#include <limits.h>

#include "runtime/monitor.h"
#include "runtime/plan/compile.h"
#include "runtime/verb/verbs.h"
#include "runtime/walk.h"

struct creation {
	struct spec spec;
	char root[PATH_MAX];   /* state root */
	char bundle[PATH_MAX]; /* absolute, without symbolic links, as the next */
	char rootfs[PATH_MAX];
	const char *id;
	bool privileged; /* root in the initial user namespace */
	bool terminal;
	const struct monitor_options *monitored; /* by this process: set before creation_make */
	bool silent;   /* its warnings are not reported: set before creation_plan */
	bool notifies; /* somebody waits until its program is ready */
	bool door;     /* start comes later, from another process */
	uint32_t preserve_fds;
	struct cgroup_host cgroup_host;
	struct cgroup_place cgroup;
	struct manager
		manager; /* with systemd: its place in the scope is kept until ours is taken */
	struct resctrl_place resctrl;
	struct compiled compiled;
	struct container container; /* container.dir < 0: nothing is made yet */
	struct spec_record record;
	struct state_document document;
	int spare;     /* a descriptor that is given up when removing needs one */
	int console;   /* who gets the terminal's master; -1 none. Owned */
	int readiness; /* where its program says that it is ready; -1 none. Owned */
	struct walk walk;
};
#define CREATION_NONE \
	((struct creation){.container = {.root = -1, .dir = -1}, \
		.manager = MANAGER_NONE, \
		.spare = -1, \
		.console = -1, \
		.readiness = -1, \
		.walk = WALK_NONE})

/*
 * Reads the bundle that the command names and compiles the plan. door: the process will wait at it.
 * Changes nothing on the host. Returns 0 or -errno with err; creation_free in any case, as after
 * the next two.
 */
int creation_plan(struct creation *creation, const struct command *command, const char *id,
	bool door, struct error *err);

/* Prints the plan for --dry-run, as --format says. Returns 0 or -errno with err. */
int creation_print(
	const struct creation *creation, const struct command *command, struct error *err);

/*
 * Takes the id, writes the intent down, and makes everything up to the process that waits. On
 * failure nothing is left, and the poststop hooks have run. Returns 0 or -errno with err.
 */
int creation_make(struct creation *creation, struct error *err);

/*
 * The first half of it, for a process that somebody else makes: the id, the record, the cgroup with
 * its limits; the manager is to be closed when the process is in there. On failure nothing is left.
 * Returns 0 or -errno with err.
 */
int creation_prepare(struct creation *creation, struct error *err);

/*
 * Completes the record with the process, and tells the caller about it by --pidfd-socket and
 * --pid-file. On failure the
 * container is destroyed, as by creation_destroy. Returns 0 or -errno with err.
 */
int creation_finish(struct creation *creation, const struct command *command, struct error *err);

/* Kills the process and removes everything that was made; poststop hooks run. What fails is a
 * warning. */
void creation_destroy(struct creation *creation);

void creation_free(struct creation *creation);

/*
 * For a container without a door: START, and the poststart hooks when its program runs. On failure
 * the container is destroyed. Returns 0 or -errno with err.
 */
int creation_start(struct creation *creation, struct error *err);

/*
 * In the foreground, when the program runs: gives the lock up, waits for the program's end
 * (foreground.h; master: of its terminal, or -1), and removes the container, or keeps it with how
 * it ended. Returns its exit status, or -errno with err.
 */
int creation_attend(struct creation *creation, int master, bool keep, struct error *err);

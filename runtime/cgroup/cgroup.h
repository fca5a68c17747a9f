/*
 * Cgroups: one small interface. What differs between v1 and v2 is data: rows of cgroup/files.def
 * {property, v1 file and conversion, v2 file and conversion}, and a table of files per freezer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/spec.h"
#include "state/record.h"

struct plan_builder;

enum cgroup_mode { CGROUP_NONE, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };
enum cgroup_driver { CGROUP_CGROUPFS, CGROUP_SYSTEMD, CGROUP_DISABLED };

/* One mounted hierarchy. */
struct cgroup_hierarchy {
	const char *mount;       /* "/sys/fs/cgroup/memory" */
	const char *controllers; /* "memory", "cpu,cpuacct", "name=systemd"; "": the unified one */
	const char *own; /* the runtime's own cgroup in it, below mount; "/": mount itself */
	bool unified;
};

/* What is mounted on this host: read once (cgroup_probe), given to the pure compiler. */
struct cgroup_host {
	enum cgroup_mode mode;
	uint32_t count;
	const struct cgroup_hierarchy *hierarchies;
	const char *v2_controllers; /* of the unified root, space-separated */
};

/* Where one container's cgroup is: one directory per hierarchy, parallel to host->hierarchies. */
struct cgroup_place {
	enum cgroup_driver driver;
	uint32_t count;
	const char **directories; /* absolute paths; NULL: none there */
	uint32_t parents;         /* how many directories above each are the container's, too */
	bool unprivileged;        /* the caller can have no device rule in force */
	/* with systemd, else NULL: the scope whose directories these are, its slice, what it is */
	const char *unit, *slice, *description;
};

/* Reads /proc/self/mountinfo and /proc/self/cgroup (on pure v2: two reads and one statfs). */
int cgroup_probe(struct arena *arena, struct cgroup_host *host, struct error *err);

/*
 * Pure: the same from the text of the two files. Of several mounts of one hierarchy one below
 * /sys/fs/cgroup is preferred. v2_controllers is left "". -ENOMEM is the only error.
 */
int cgroup_parse(
	const char *mountinfo, const char *own, struct arena *arena, struct cgroup_host *host);

/*
 * Pure: where the container goes. path is linux.cgroupsPath, absolute: below each mount point;
 * relative: below the runtime's own cgroup; NULL: as the relative path ID. In the unified tree own
 * means the root: a cgroup that holds a process (the runtime) can hand no controller down. ".." is
 * refused (the pointer is the caller's to add), and so is a path in systemd's form. A disabled
 * driver has no directories; that of systemd is served by unit_place (unit/place.h).
 */
int cgroup_place(const struct cgroup_host *host, enum cgroup_driver driver, const char *path,
	const char *id, struct arena *arena, struct cgroup_place *place, struct error *err);

/* Gives up the directories that this caller has no right to make. */
void cgroup_place_permitted(struct cgroup_place *place);

/* Says, with --debug, which limits an unprivileged caller cannot have in force in this place, and
 * what the administrator would have to do. */
void cgroup_place_report(
	const struct cgroup_host *host, const struct cgroup_place *place, struct arena *arena);

/*
 * Pure: adds the cgroup, limit and device_filter steps for the resources (may be NULL: default
 * device rules). The cgroup steps have the builder's present origin, every other step the address
 * of its property (NULL: the default device rules). A failure leaves builder->origin at the
 * property that is to blame.
 */
int cgroup_compile(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place, const struct spec_resources *resources);

/*
 * Pure: what an update asks for on top of what is in force. merged: a new state that shares what
 * has not changed with the previous one. Objects of asked that ask for nothing (zeros, as docker
 * sends them) become NULL. Returns 0 or -ENOMEM.
 */
int cgroup_merge(const struct spec_resources *previous, struct spec_resources *asked,
	struct arena *arena, struct spec_resources *merged);

/* An update: from what is in force to the resources, by what was asked (see cgroup_merge). */
struct cgroup_change {
	const struct spec_resources *previous;
	const struct spec_resources *asked;
};

/*
 * Pure: cgroup_compile for a container that has its cgroup: only what belongs to an object or list
 * that was asked for, in an order in which the kernel takes it. Without a change: cgroup_compile.
 */
int cgroup_compile_change(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place, const struct spec_resources *resources,
	const struct cgroup_change *change);

/* Pure: adds the gate's enter steps and their slots (v1), or the directory for CLONE_INTO_CGROUP
 * (returned, or NULL). */
const char *cgroup_compile_entry(struct plan_builder *builder, const struct cgroup_host *host,
	const struct cgroup_place *place);

/* ---- acting ---- */

/*
 * Makes one directory with its parents; *made tells whether the last part is new, or was made for
 * us: it holds the process keeper (0: there is none) and nobody else. In the cpuset hierarchy of v1
 * the parents' cpus and mems are filled in. Refuses (ERROR_CGROUP) one that is frozen or has other
 * processes in it.
 */
int cgroup_make(const char *directory, bool cpuset, pid_t keeper, bool *made, struct error *err);

/* Refuses the same directory before somebody else makes it for us; 0 when it is not there. */
int cgroup_check(const char *directory, struct error *err);

/*
 * Does a limit step: each line of value is one write to the file. "A|B" is the first of the files
 * that exists, and its value the part of "VALUE A|VALUE B" at the same place; an empty last name:
 * nothing is done when none exists. What the kernel may silently change is read back. In
 * cgroup.subtree_control what is enabled already is not written; "cgroup.subtree_control|" tries,
 * and is content with a refusal. The error names file, value and, where known, the way out.
 */
int cgroup_limit(const char *directory, const char *file, const char *value, struct error *err);

/*
 * Does a device_filter step (v2): loads length bytes of BPF instructions and attaches them to the
 * directory, in place of the filter that we attached there before, if any, in one atomic step. 0
 * bytes: that one goes.
 */
int cgroup_filter(const char *directory, const void *program, uint32_t length, struct error *err);

/* Whether our filter is still there. */
bool cgroup_filter_is_attached(const char *directory);

/*
 * Whether what cgroup_limit wrote is still in force: false when the file says something else, which
 * is left in found. Files that cannot be read, or that answer in a form of their own, count as
 * unchanged.
 */
bool cgroup_limit_holds(
	const char *directory, const char *file, const char *value, char *found, size_t size);

/*
 * Does an owner step (v2): the directory, and those of its files that /sys/kernel/cgroup/delegate
 * lists, become the user's. Returns 0 or -errno with err.
 */
int cgroup_give(const char *directory, uid_t uid, struct error *err);

/* Everything below works from the record's directories alone. */

/* Pids in the container's cgroup and below it, sorted; from the hierarchy that we surely own. *pids
 * in arena. */
int cgroup_processes(const struct spec_cgroup_directory_list *directories, struct arena *arena,
	pid_t **pids, uint32_t *count, struct error *err);

/* Sends a signal to every process in it, until none is left that has not got it; KILL uses
 * cgroup.kill or freezes first. */
int cgroup_signal(
	const struct spec_cgroup_directory_list *directories, int signal, struct error *err);

/* Freezes or thaws and waits (at most 2 s) until the kernel says so. */
int cgroup_freeze(
	const struct spec_cgroup_directory_list *directories, bool frozen, struct error *err);

/* The file that tells whether the container is frozen (for record.freezer), or NULL. */
const char *cgroup_freezer_file(
	const struct cgroup_host *host, const struct cgroup_place *place, struct arena *arena);

/*
 * Removes the directories that we made, children first, retrying EBUSY for at most so many
 * milliseconds. A directory that is already gone is fine; -EBUSY when there are processes in one.
 */
int cgroup_remove(
	const struct spec_cgroup_directory_list *directories, int patience, struct error *err);

/*
 * A container whose init has divided its cgroup (version 2), as systemd does, holds processes below
 * it only: fills path with the directory that init is in, if that is below cgroup, the container's
 * own. False if it is not, or cannot be known.
 */
bool cgroup_follow(const char *cgroup, pid_t init, char *path, size_t size);

/* The same when the container's own cgroup is gone, since its first process has left it: where that
 * is now, below the mount point of the unified tree. */
bool cgroup_locate(const char *mount, pid_t init, char *path, size_t size);

/* Where the unified tree is mounted; NULL: nowhere. */
const char *cgroup_unified_mount(const struct cgroup_host *host);

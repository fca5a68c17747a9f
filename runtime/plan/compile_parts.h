/*
 * The parts of the plan compiler: each adds the steps of one group of properties. compile.c says in
 * which order. Only runtime/plan/compile*.c include this.
 */
#pragma once

#include "runtime/plan/build.h"
#include "runtime/plan/compile_input.h"
#include "state/status.h"

/* What the parts share: the builder, the input, and what several of them ask about it. */
struct compile {
	struct plan_builder builder;
	const struct compile_input *input;
	const struct spec_config *config;
	const struct spec_linux *linux;     /* never NULL; empty when the configuration has none */
	const struct spec_process *process; /* NULL: create without a process */
	uint32_t made;                      /* CLONE_NEW* that the container gets new */
	uint32_t
		joined; /* CLONE_NEW* that it joins, by path or of the container that exec enters */
	bool mapped;    /* it lives in a user namespace other than ours */
	bool hand;      /* the sources of bind mounts are fetched by the gate's hand on the host */
	uint32_t trees; /* so many */
	uint64_t idmaps; /* the slots with user namespaces of idmapped mounts, as bits */
	bool host_dev;   /* a bind mount covers /dev: what is there belongs to somebody else */
	struct compile_capability_sets {
		uint64_t bounding;
		struct step_capabilities final;
		bool kept; /* CAP_SYS_ADMIN stays until the filter is loaded */
	} sets;            /* filled by compile_capability_sets */
};

/* Where, what kind of: in the order of the steps. */
void compile_cgroup(struct compile *c);
void compile_resctrl(struct compile *c);
void compile_birth(struct compile *c);
void compile_identity(struct compile *c);
void compile_root(struct compile *c);
void compile_mounts(struct compile *c);
void compile_devices(struct compile *c);
void compile_net_devices(struct compile *c);
void compile_create_hooks(struct compile *c);
void compile_console(struct compile *c);
void compile_sysctl(struct compile *c);
void compile_pivot(struct compile *c);
void compile_scheduling(struct compile *c);
void compile_user(struct compile *c);
void compile_capabilities(struct compile *c);
void compile_program(struct compile *c);
void compile_handover(struct compile *c);
void compile_privileges(struct compile *c);
void compile_exec(struct compile *c);

/* ---- shared pieces ---- */

/* True for /dev itself: what is in it is made after all mounts. */
bool compile_is_dev(const char *path);

/* Adds the resource limits of the process. */
void compile_limits(struct compile *c);

/* The entry of linux.namespaces for one CLONE_NEW*, or NULL. */
const struct spec_namespace *compile_namespace(const struct compile *c, uint32_t type);

/* Lines "container host size" as the kernel reads them; in arena. */
const char *compile_maps(struct compile *c, const struct spec_id_mapping_list *list);

/* Fills c->sets from the configuration, with a warning for each capability that is left out. */
void compile_capability_sets(struct compile *c);

/* Adds the hook steps of one list; status is what their state document says. environment is that of
 * hooks without their own; NULL: the program's. */
void compile_hook_list(struct compile *c, const struct spec_hook_list *list, enum status status,
	const struct string_list *environment);

/* Fills in whom a filter notifies, and what the gate tells them. */
void compile_agent(
	struct compile *c, const struct spec_seccomp *seccomp, struct step_seccomp *step);

/* What the mount options of an entry come to; see plan/compile_options.c. */
struct mount_words {
	uint64_t flags, set, clear, rset, rclear, extras;
	uint64_t flags_clear; /* of the superblock, for a remount to take away */
	bool idmap;
	struct string_list propagation;
	const char *data; /* comma-joined, or NULL */
};

/* Reads the options of an entry: words that we know become bits, the last one wins, others are
 * data. */
void compile_options(struct compile *c, const struct spec_mount *mount, struct mount_words *words);

/* The slot with the user namespace of an idmapped mount (a rule of spec/ sees to it that there is
 * one); -1 after a refusal. */
int32_t compile_idmap(struct compile *c, const struct spec_mount *mount);

/* Adds a mount step; target is below the root. */
struct step_mount *compile_mount_step(struct compile *c, const struct mount_words *words,
	const char *source, const char *target, const char *type, const char *data);

/* The mounts that a mount of type "cgroup" stands for on this host. */
void compile_cgroup_mount(struct compile *c, const struct spec_mount *mount,
	const struct mount_words *words, const char *target);

/* arena_format, and a refusal when there is no memory; then "" comes back, never NULL. */
__attribute__((format(printf, 2, 3))) const char *compile_text(
	struct compile *c, const char *format, ...);

/* arena_alloc with the same refusal; NULL then. */
void *compile_alloc(struct compile *c, size_t size);

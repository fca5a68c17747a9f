/*
 * The plan: what has to happen for one process to live inside a container, as a flat list of
 * steps in one contiguous buffer. Offsets instead of pointers, so that it crosses a process
 * boundary as it is. The runtime compiles it (runtime/plan/compile.h), the runtime and the gate
 * both walk it in the same order, each doing its own side; steps of side BOTH are where they wait
 * for each other.
 *
 *   header | arguments, lists, strings | steps[] | slots[]
 */
#pragma once

#include <fcntl.h>
#include <linux/mount.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_MAGIC 0x6e6c7064796dULL /* "mydpln" */
#define PLAN_VERSION 1
#define PLAN_ABSENT 0u /* offset of a string that is not there */
#define PLAN_SLOTS 63u /* as many descriptors as one message carries, and the plan's own */

typedef struct {
	uint32_t at; /* offset of a NUL-terminated string, or PLAN_ABSENT */
} plan_text;

typedef struct {
	uint32_t at; /* offset of plan_text[count] */
	uint32_t count;
} plan_list;

typedef struct {
	uint32_t at; /* offset, 8-byte aligned */
	uint32_t length;
} plan_bytes;

enum step_kind {
#define STEP(kind, side, sentence) STEP_##kind,
#define TEXT(kind, member)
#define LIST(kind, member)
#define NUMBER(kind, member)
#define BITS(kind, member)
#define SLOT(kind, member)
#define BYTES(kind, member)
#define END(kind)
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"
	STEP_KINDS
};

/* struct step_<kind>: the arguments of a step. */
#define STEP(kind, side, sentence) struct step_##kind {
#define TEXT(kind, member) plan_text member;
#define LIST(kind, member) plan_list member;
#define NUMBER(kind, member) int64_t member;
#define BITS(kind, member) uint64_t member;
#define SLOT(kind, member) int32_t member;
#define BYTES(kind, member) plan_bytes member;
#define END(kind) \
	} \
	;
#include "nsexec/steps.def"
#include "nsexec/steps_undef.h"

enum step_side { HOST = 1, GATE = 2, BOTH = 3 };

/* step_mount.extras */
enum plan_mount_extra {
	PLAN_MOUNT_BIND = 1 << 0,
	PLAN_MOUNT_RECURSIVE = 1 << 1, /* with BIND: the whole subtree */
	PLAN_MOUNT_TMPCOPYUP = 1 << 2,
	PLAN_MOUNT_REMOUNT = 1 << 3,
	PLAN_MOUNT_READONLY_LATE = 1 << 4, /* /dev, tmpfs: read-only only after devices are made */
	PLAN_MOUNT_IDMAP_RECURSIVE = 1 << 5,
	PLAN_MOUNT_SOURCE_NOFOLLOW = 1 << 6,
	PLAN_MOUNT_TARGET_NOFOLLOW = 1 << 7,
	PLAN_MOUNT_COPY_SYMLINK = 1 << 8,
	PLAN_MOUNT_FALLBACK_BIND = 1 << 9, /* refused in this user namespace: rbind the host's */
};

/* How open_tree(2) clones the source of a bind mount. */
static inline unsigned int plan_bind_flags(uint64_t extras)
{
	return OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
		(extras & PLAN_MOUNT_RECURSIVE ? AT_RECURSIVE : 0) |
		(extras & PLAN_MOUNT_SOURCE_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
}

struct plan_step {
	uint32_t kind;      /* enum step_kind */
	uint32_t arguments; /* offset of struct step_<kind> */
};

/* A descriptor that the host opens and sends along with the plan, in the order of the slots. */
enum plan_slot_kind {
	SLOT_READ,    /* open(path, O_RDONLY): namespace files */
	SLOT_WRITE,   /* open(path, O_WRONLY): cgroup tasks files */
	SLOT_PROCESS, /* pidfd of the container's init: exec joins its namespaces */
	SLOT_CONSOLE, /* connected to the console socket, or the runtime's own */
	SLOT_DOOR,    /* the listening socket of state/door.h */
	SLOT_IDMAP,   /* user namespace made for mounts; path holds the maps */
	SLOT_TRACE,   /* memory for the times of --trace */
	SLOT_KINDS
};

struct plan_slot {
	uint32_t kind; /* enum plan_slot_kind */
	plan_text path;
};

struct plan {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* of the whole buffer */
	uint32_t step_count;
	uint32_t steps; /* offset of struct plan_step[step_count] */
	uint32_t slot_count;
	uint32_t slots; /* offset of struct plan_slot[slot_count] */
	uint32_t birth; /* index of the birth step: the constructor walks up to it, main from it */
	uint32_t gate;  /* index of the first step after the clone */
};

/* How a step and its arguments are called and printed; index is enum step_kind. */
enum plan_field_type { PLAN_TEXT, PLAN_LIST, PLAN_NUMBER, PLAN_BITS, PLAN_SLOT, PLAN_BYTES };

struct plan_field {
	const char *name; /* NULL ends the list */
	enum plan_field_type type;
	uint32_t offset;
};

struct plan_kind {
	const char *name;     /* "mount" */
	const char *sentence; /* completes "cannot ..." */
	enum step_side side;
	uint32_t size; /* of its arguments */
	const struct plan_field *fields;
};

extern const struct plan_kind plan_kinds[STEP_KINDS];

/*
 * Checks that a buffer of length bytes, aligned to 8, is a whole plan: magic, version, sizes, at
 * most PLAN_SLOTS slots, a birth step where the header says, that every offset lies inside and is
 * aligned for what is there (arguments and bytes to 8, the rest to 4), that every string ends
 * inside and no entry of a list is absent. Returns 0 or -EINVAL. Anything that passes can be walked
 * with the accessors below without further checks.
 */
int plan_check(const void *buffer, size_t length);

static inline const struct plan_step *plan_steps(const struct plan *plan)
{
	return (const struct plan_step *)((const char *)plan + plan->steps);
}

static inline const struct plan_slot *plan_slots(const struct plan *plan)
{
	return (const struct plan_slot *)((const char *)plan + plan->slots);
}

/* The arguments of a step: a pointer to its struct step_<kind>. */
static inline const void *plan_arguments(const struct plan *plan, const struct plan_step *step)
{
	return (const char *)plan + step->arguments;
}

/* The string, owned by the plan; NULL when absent. */
static inline const char *plan_string(const struct plan *plan, plan_text text)
{
	return text.at == PLAN_ABSENT ? NULL : (const char *)plan + text.at;
}

/* Entry i (< list.count) of a list. */
static inline const char *plan_item(const struct plan *plan, plan_list list, uint32_t i)
{
	return plan_string(plan, ((const plan_text *)((const char *)plan + list.at))[i]);
}

static inline const void *plan_data(const struct plan *plan, plan_bytes bytes)
{
	return (const char *)plan + bytes.at;
}

/* Device rules: in the order of the list the later one wins, per letter of access. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/spec.h"

struct bpf_insn;

/* One rule; the access bits are those of the kernel's BPF context: 1 m, 2 r, 4 w. */
struct device_access {
	const void *origin; /* the rule in the spec; NULL: ours */
	bool allow;
	char type;            /* 'c', 'b', 0: both */
	int64_t major, minor; /* -1: any */
	uint32_t access;
};

struct device_access_list {
	uint32_t count;
	struct device_access *items;
};

/*
 * The rules that are in force: "deny everything", then the configuration's (NULL: none), then what
 * every container may use (mknod of anything, null zero full random urandom tty console ptmx pts).
 * On failure *origin is the rule to blame.
 */
int device_rules(const struct spec_device_rule_list *rules, struct arena *arena,
	struct device_access_list *list, const void **origin, struct error *err);

/*
 * The same in the words of cgroup v1: whether everything is allowed or denied, and the exceptions
 * from it, each type, major and minor at most once; the first item is the general rule (type 0).
 * -EINVAL: v1 cannot deny (or allow) a part of what an earlier rule allows.
 */
int device_exceptions(const struct device_access_list *list, struct arena *arena,
	struct device_access_list *exceptions, const void **origin, struct error *err);

/*
 * The same as a BPF_PROG_TYPE_CGROUP_DEVICE program, in arena; *count 0: nothing is denied, no
 * program is needed.
 */
int device_program(const struct device_access_list *list, struct arena *arena,
	struct bpf_insn **program, uint32_t *count, struct error *err);

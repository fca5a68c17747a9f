/*
 * Is it still in force? What a plan's step asked for, compared with what the kernel shows of the
 * container's first process. Rows of {kind, function}; a kind without a row leaves no trace, or one
 * that the program may change itself.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "nsexec/plan.h"

/* What is known of the container, once, for all steps. */
struct evidence {
	const struct plan *plan;
	pid_t pid;
	int root;           /* its root directory, O_PATH */
	const char *status; /* /proc/PID/status */
	const char *mounts; /* /proc/PID/mountinfo */
};

struct verifier {
	enum step_kind kind;
	/* Whether the step is in force; false with what was found instead, in words. arguments: the
	 * struct step_<kind>. */
	bool (*holds)(
		const struct evidence *evidence, const void *arguments, char *found, size_t size);
	bool inside; /* asked from inside its uts, network and ipc namespaces */
};

/* Each ends with a row without a function. */
extern const struct verifier verifiers_of_mounts[], verifiers_of_process[];

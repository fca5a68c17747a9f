/* What a step could not do, as a sentence. */
#pragma once

#include "nsexec/wire.h"
#include "runtime/plan/compile.h"
#include "spec/error.h"

/* The hint about an EAGAIN of whoever makes a process. */
#define WORDS_PROCESSES_LIMITED \
	"a limit of processes is reached: /linux/resources/pids/limit, or a cgroup's above"

/* Turns a gate's failure record into an error: code, sentence, pointer, hint. Returns -errno. */
int words_for_failure(const struct compiled *compiled, const struct spec *spec,
	const struct wire_failure *failure, struct error *err);

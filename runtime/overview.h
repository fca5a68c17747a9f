/* A container as the listings and `state` show it: its record and what is true about it now. */
#pragma once

#include "runtime/verb/verbs.h"
#include "state/status.h"

#define UNKNOWN "unknown" /* in place of a status */

struct overview {
	const char *id;
	bool known; /* false: the record cannot be used, and only the id is told */
	enum status status;
	struct spec_record record;
};

/* "running" and so on; "unknown" when the record cannot be used. */
const char *overview_status(const struct overview *overview);

/* The host's pid of its first process, 0 when there is none any more. */
int64_t overview_pid(const struct overview *overview);

/* True for a detached container that runs on without its monitor. */
bool overview_is_unwatched(const struct overview *overview);

/* The name of the user who made it, see owner_name; "" when that is not known. In arena; NULL
 * without memory. */
const char *overview_owner(const struct overview *overview, struct arena *arena);

/*
 * The state object of the specification as JSON, with the members rootfs, created and owner that
 * engines read too. indent as in table_encode. In arena; NULL with err filled.
 */
const char *overview_encode(const struct overview *overview, unsigned int indent,
	struct arena *arena, struct error *err);

/*
 * Calls visit for each container under the command's state root, in the order of their ids; a
 * nonzero result ends it and is returned. One whose record cannot be used is visited too; one that
 * is just being made or removed is not. When warn is true, warnings tell of records that cannot be
 * used, and of containers that have lost their monitor.
 */
int overview_each(const struct command *command, bool warn,
	int (*visit)(const struct overview *overview, void *context), void *context,
	struct error *err);

/*
 * What happened to all containers of a state root, in the order in which it happened: one JSON
 * object a line in <root>/.events, which exists when somebody has asked for it (`events`). Each
 * line is added with one write: a crash leaves whole lines.
 */
#pragma once

#include <stdint.h>

#include "state/record.h"

#define JOURNAL_FILE ".events"
#define JOURNAL_OLD_FILE ".events.1"
#define JOURNAL_SIZE \
	(16u << 20) /* bytes; a full one is renamed, and the one before it forgotten \
		     */

/*
 * Adds a line {time, type, id, ...} for a container that is entered; what event has no value for is
 * left out, time, type, id and schema are filled in. Nothing is done, at the price of one system
 * call, when there is no journal; what goes wrong goes unsaid, since it must not stop anybody.
 */
void journal_add(const struct container *container, const char *type, struct spec_event event);

/* A descriptor of the journal below an open state root, for reading; it is made when missing.
 * -errno. */
int journal_open(int root);

/* Where the records of --log go: to a file, or to one of the host's two logging services. */
#pragma once

#include "spec/error.h"

enum log_sink_kind { SINK_NONE, SINK_FILE, SINK_SYSLOG, SINK_JOURNALD };

struct log_sink {
	enum log_sink_kind kind;
	int fd;
	const char *identifier; /* of the services: whose records they are; the destination's */
};
#define LOG_SINK_NONE \
	{ \
		.kind = SINK_NONE, .fd = -1 \
	}

/*
 * Opens FILE or file:FILE (appended to, made if missing), syslog:ID (the datagram socket /dev/log)
 * or journald:ID (journald's own protocol). Open until the process ends. 0, or -errno with err: a
 * service that is not there is an error.
 */
int log_sink_open(const char *destination, struct log_sink *sink, struct error *err);

/*
 * Writes one record by one call; nobody can be told when it cannot be written. text: the record,
 * without a newline. priority: that of syslog.h (LOG_ERR, LOG_WARNING, LOG_DEBUG).
 */
void log_sink_write(const struct log_sink *sink, int priority, const char *text);

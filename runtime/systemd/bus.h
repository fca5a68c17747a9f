/* Calls to the service manager. Only bus.c and property.c know D-Bus. */
#pragma once

#include <stdbool.h>

#include "runtime/systemd/words.h"

struct sd_bus;

struct bus {
	struct sd_bus *connection; /* NULL: not connected */
	int peer;                  /* whose hanging up ends every wait */
	int version;               /* of the manager; 0 unknown */
	char job[128];             /* object path of the job that is waited for */
	char outcome[32];          /* how it ended; "" not yet */
};

/* An error's name and text, or what hello answers: version and cgroup. */
struct bus_reply {
	char name[128];
	char text[1024];
};

/* Fills the reply; returns -EINVAL. */
int bus_fail(struct bus_reply *reply, const char *name, const char *text);

bool bus_connected(const struct bus *bus);

/*
 * Each returns 0, or -errno with the reply filled; see unit/manager_protocol.h for what it does.
 * The words are what follows the unit in the request.
 */
int bus_connect(struct bus *bus, bool user, struct bus_reply *reply);
int bus_start(struct bus *bus, const char *unit, struct words *properties, struct bus_reply *reply);
int bus_set(struct bus *bus, const char *unit, struct words *properties, struct bus_reply *reply);
int bus_stop(struct bus *bus, const char *unit, struct words *nothing, struct bus_reply *reply);
int bus_attach(struct bus *bus, const char *unit, unsigned int pid, struct bus_reply *reply);

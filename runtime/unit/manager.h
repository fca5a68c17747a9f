/*
 * The service manager, systemd, asked by way of mydocker-systemd (unit/manager_protocol.h), which
 * lies beside mydocker's own file or in ../libexec from there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/arena.h"
#include "spec/error.h"

struct manager {
	bool user;          /* of the caller, not the system's */
	pid_t pid;          /* of the program, our child; 0: not running */
	int fd;             /* its socket, or -1 */
	const char *cgroup; /* the manager's own, "" for the root; in the arena given to open */
};
#define MANAGER_NONE ((struct manager){.fd = -1})

/*
 * Starts the program and lets it connect, unless it is connected: to the caller's manager when
 * manager->user is set, else to the system's. Returns 0 or -errno with err (ERROR_UNSUPPORTED:
 * there is no such program, or no systemd). manager_close in any case.
 */
int manager_open(struct manager *manager, struct arena *arena, struct error *err);

/*
 * Makes the scope with these properties (words as in unit/manager_protocol.h), and the program in
 * it, until manager_close. What is there under this name and has failed is replaced. Returns 0,
 * -EEXIST when somebody else's unit has the name, or -errno, with err.
 */
int manager_start(struct manager *manager, const char *unit, const char *const *properties,
	uint32_t count, struct error *err);

/* Changes properties of a unit, and waits until they are in force. Returns 0 or -errno with err. */
int manager_set(struct manager *manager, const char *unit, const char *const *properties,
	uint32_t count, struct error *err);

/* Ends a unit and makes its name free; fine when there is none. Returns 0 or -errno with err. */
int manager_stop(struct manager *manager, const char *unit, struct error *err);

/* Moves a process into the unit's cgroup. Returns 0 or -errno with err. */
int manager_attach(struct manager *manager, const char *unit, pid_t pid, struct error *err);

/* True when there is a program to ask. */
bool manager_available(void);

/* Lets the program go, and with it its place in the scope; waits for its end. */
void manager_close(struct manager *manager);

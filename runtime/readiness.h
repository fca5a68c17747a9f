/*
 * NOTIFY_SOCKET: a service manager that waits until the container's program says that it is ready
 * (sd_notify(3)). The program gets a socket of its own, and what it says there is passed on.
 */
#pragma once

#include "spec/spec.h"
#include "state/store.h"

/* Whether somebody waits: NOTIFY_SOCKET is in the environment. */
bool readiness_wanted(void);

/*
 * The configuration gets the socket's directory as a mount, and its program NOTIFY_SOCKET. root:
 * state root. Nothing is made. Returns 0 or -errno with err.
 */
int readiness_plan(struct spec *spec, const char *root, const char *id, struct error *err);

/* Makes the directory that was planned. Returns 0 or -errno with err. */
int readiness_make(const struct container *container, struct error *err);

/* Whether the container was planned with one. */
bool readiness_planned(const struct container *container);

/*
 * Before the program runs: the container's socket, or -1 when it was planned without one or nobody
 * waits; negative with err when it cannot be made.
 */
int readiness_listen(const struct container *container, struct error *err);

/*
 * Waits until the program says that it is ready, which is passed on, or the process behind pidfd
 * ends. main_pid: told with it, unless 0.
 */
void readiness_relay(int socket, int pidfd, pid_t main_pid);

/* The same in a process of its own, which ends with this one. Returns its pid, -1 when there is
 * none.
 */
pid_t readiness_relay_apart(int socket, int pidfd);

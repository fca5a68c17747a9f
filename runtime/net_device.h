/* Network devices of the host that go into a container (config-linux.md, Network Devices). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "spec/error.h"

/* What was moved, and the way back. Start from NET_DEVICES_NONE. */
struct net_devices {
	int host;   /* rtnetlink socket in our network namespace, -1 before the first move */
	int inside; /* in the container's; it keeps that namespace alive */
	uint32_t count;
	struct net_device *moved;
};
#define NET_DEVICES_NONE ((struct net_devices){.host = -1, .inside = -1})

/*
 * Moves the device called name into the network namespace of the process, gives it the name wanted
 * there (NULL: its own; "%d" in it stands for a number that the kernel picks), gives its permanent
 * addresses of global scope back to it and sets it up. Needs CAP_NET_ADMIN and CAP_SYS_ADMIN over
 * both namespaces. A device that failed half way is among those that net_devices_return brings
 * back. Returns 0 or -errno with err.
 */
int net_device_move(struct net_devices *devices, pid_t pid, const char *name, const char *wanted,
	struct error *err);

/* Brings the devices back as they were, as far as the kernel allows. */
void net_devices_return(struct net_devices *devices);

/* Forgets them: they are the container's now. */
void net_devices_free(struct net_devices *devices);

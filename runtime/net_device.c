/*
 * A device that changes its namespace keeps what is its own (MTU, hardware address, queues) and
 * loses what its namespace gave to it: addresses, and its being up. So these are read before.
 *
 * The kernel renames after it has moved, and a name that is taken there is found out too late. So a
 * device travels under a name that nobody else has, is found by it, and gets the wanted name in a
 * request of its own, which either does it or changes nothing. A virtual device dies with its
 * namespace: whoever fails after the move has to bring it back, and for that a socket is kept
 * inside.
 */
#include "runtime/net_device.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/netlink.h"

/* What an address keeps of its flags; the others are the kernel's account of it. */
#define ADDRESS_FLAGS \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | \
		IFA_F_MCAUTOJOIN)

struct net_device {
	char name[IF_NAMESIZE]; /* on the host */
	char travel[IF_NAMESIZE];
	int index; /* in the namespace where it is */
	unsigned int flags;
	bool inside;
	uint32_t count;
	struct netlink_request *addresses; /* that give them to it again, but for the index */
};

/* ---- questions ---- */

static int link_found(void *context, const struct nlmsghdr *answer)
{
	const struct ifinfomsg *link = NLMSG_DATA(answer);
	struct net_device *device = context;

	device->index = link->ifi_index;
	device->flags = link->ifi_flags;
	return 0;
}

/* Fills in the device's index and flags. */
static int link_find(int fd, const char *name, struct net_device *device)
{
	struct netlink_request request;

	netlink_begin(&request, RTM_GETLINK, 0);
	netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_ask(fd, &request, link_found, device);
}

static int link_change(
	int fd, int index, unsigned int flags, unsigned int mask, const char *name, int namespace)
{
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0);
	request.link.ifi_index = index;
	request.link.ifi_flags = flags;
	request.link.ifi_change = mask;
	if (name)
		netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	if (namespace >= 0)
		netlink_add(&request, IFLA_NET_NS_FD, &namespace, sizeof(namespace));
	return netlink_ask(fd, &request, NULL, NULL);
}

static int link_up(int fd, int index)
{
	return link_change(fd, index, IFF_UP, IFF_UP, NULL, -1);
}

/* ---- addresses ---- */

static uint32_t address_flags(const struct nlmsghdr *answer)
{
	const struct rtattr *attribute = netlink_find(answer, IFA_FLAGS);
	const struct ifaddrmsg *address = NLMSG_DATA(answer);
	uint32_t flags = address->ifa_flags;

	if (attribute && RTA_PAYLOAD(attribute) == sizeof(flags))
		memcpy(&flags, RTA_DATA(attribute), sizeof(flags));
	return flags;
}

/* An attribute of the address that goes on as it is. A label that is the device's name is none. */
static bool address_keeps(const struct net_device *device, const struct rtattr *attribute)
{
	return attribute->rta_type != IFA_LABEL || strcmp(RTA_DATA(attribute), device->name) != 0;
}

static int address_found(void *context, const struct nlmsghdr *answer)
{
	static const uint16_t kept[] = {
		IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST, IFA_LABEL, IFA_RT_PRIORITY};
	const struct ifaddrmsg *address = NLMSG_DATA(answer);
	struct net_device *device = context;
	uint32_t flags = address_flags(answer);
	struct netlink_request *request;

	if ((int)address->ifa_index != device->index || !(flags & IFA_F_PERMANENT) ||
		address->ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;
	request = reallocarray(device->addresses, device->count + 1, sizeof(*device->addresses));
	if (!request)
		return -ENOMEM;
	device->addresses = request;
	request += device->count++;
	netlink_begin(request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	request->address = *address;
	for (size_t i = 0; i < array_size(kept); i++) {
		const struct rtattr *attribute = netlink_find(answer, kept[i]);

		if (attribute && address_keeps(device, attribute))
			netlink_add(request, kept[i], RTA_DATA(attribute), RTA_PAYLOAD(attribute));
	}
	flags &= ADDRESS_FLAGS;
	request->address.ifa_flags = (uint8_t)flags;
	netlink_add(request, IFA_FLAGS, &flags, sizeof(flags));
	return 0;
}

static int addresses_read(int fd, struct net_device *device)
{
	struct netlink_request request;

	netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP);
	return netlink_ask(fd, &request, address_found, device);
}

static int addresses_write(int fd, struct net_device *device)
{
	int result = 0;

	for (uint32_t i = 0; i < device->count && result == 0; i++) {
		device->addresses[i].address.ifa_index = (uint32_t)device->index;
		result = netlink_ask(fd, &device->addresses[i], NULL, NULL);
	}
	return result;
}

/* ---- the way in ---- */

/* A socket made inside stays inside: we are there for no longer than it takes. */
static int inside_open(int own, int namespace, struct error *err)
{
	int fd;

	if (setns(namespace, CLONE_NEWNET) < 0) {
		int result = error_set(err, ERROR_NETWORK, errno,
			"cannot enter the container's network namespace: %m");

		if (result == -EPERM)
			error_hint(err, "devices of the host can be moved by its root only");
		return result;
	}
	fd = netlink_open();
	if (setns(own, CLONE_NEWNET) < 0) {
		int error = errno;

		fd_cleanup(&fd);
		return error_set(err, ERROR_NETWORK, error,
			"cannot come back from the container's network namespace: %s",
			strerror(error));
	}
	if (fd < 0)
		return error_set(
			err, ERROR_NETWORK, -fd, "cannot talk to the network: %s", strerror(-fd));
	return fd;
}

static int sockets_open(struct net_devices *devices, int own, int namespace, struct error *err)
{
	if (devices->host >= 0)
		return 0;
	devices->host = netlink_open();
	if (devices->host < 0)
		return error_set(err, ERROR_NETWORK, -devices->host,
			"cannot talk to the network: %s", strerror(-devices->host));
	devices->inside = inside_open(own, namespace, err);
	return devices->inside < 0 ? devices->inside : 0;
}

/* The next free place of the list, filled with what is to be known about the device; *device is
 * NULL without memory. */
static int device_read(
	struct net_devices *devices, const char *name, pid_t pid, struct net_device **device)
{
	struct net_device *moved = reallocarray(devices->moved, devices->count + 1, sizeof(*moved));
	int result;

	*device = NULL;
	if (!moved)
		return -ENOMEM;
	devices->moved = moved;
	*device = &moved[devices->count];
	**device = (struct net_device){0};
	snprintf((*device)->name, sizeof((*device)->name), "%s", name);
	snprintf((*device)->travel, sizeof((*device)->travel), "mv%x.%x", (unsigned int)pid,
		devices->count);
	devices->count++;
	result = link_find(devices->host, name, *device);
	return result < 0 ? result : addresses_read(devices->host, *device);
}

static int device_settle(struct net_devices *devices, struct net_device *device, const char *wanted)
{
	int result = link_find(devices->inside, device->travel, device);

	if (result == 0)
		result = link_change(devices->inside, device->index, 0, 0, wanted, -1);
	if (result == 0)
		result = addresses_write(devices->inside, device);
	return result == 0 ? link_up(devices->inside, device->index) : result;
}

int net_device_move(struct net_devices *devices, pid_t pid, const char *name, const char *wanted,
	struct error *err)
{
	auto_fd int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct net_device *device;
	auto_fd int namespace = -1;
	unsigned int flags;
	char path[64];
	int result;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || namespace < 0)
		return error_set(err, ERROR_NETWORK, errno, "cannot open %s: %m", path);
	result = sockets_open(devices, own, namespace, err);
	if (result < 0)
		return result;
	result = device_read(devices, name, pid, &device);
	if (result == -ENODEV)
		return error_set(
			err, ERROR_NETWORK, ENODEV, "the host has no network device %s", name);
	if (device == NULL)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	flags = result == 0 ? device->flags : 0;
	if (result == 0)
		result = link_change(
			devices->host, device->index, 0, IFF_UP, device->travel, namespace);
	device->inside = result == 0;
	if (result == 0)
		result = device_settle(devices, device, wanted ? wanted : name);
	device->flags = flags;
	if (result == -EEXIST)
		return error_set(err, ERROR_NETWORK, EEXIST,
			"the container's network namespace has a device %s already",
			wanted ? wanted : name);
	if (result < 0)
		return error_set(err, ERROR_NETWORK, -result,
			"cannot move the network device %s: %s", name, strerror(-result));
	return 0;
}

/* ---- the way back ---- */

static void device_return(struct net_devices *devices, struct net_device *device, int own)
{
	unsigned int flags = device->flags;

	if (!device->inside ||
		link_change(devices->inside, device->index, 0, IFF_UP, device->travel, own) < 0 ||
		link_find(devices->host, device->travel, device) < 0)
		return;
	link_change(devices->host, device->index, 0, 0, device->name, -1);
	addresses_write(devices->host, device);
	if (flags & IFF_UP)
		link_up(devices->host, device->index);
}

void net_devices_return(struct net_devices *devices)
{
	auto_fd int own = devices->count ? open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) : -1;

	for (uint32_t i = devices->count; own >= 0 && i > 0; i--)
		device_return(devices, &devices->moved[i - 1], own);
	net_devices_free(devices);
}

void net_devices_free(struct net_devices *devices)
{
	for (uint32_t i = 0; i < devices->count; i++)
		free(devices->moved[i].addresses);
	free(devices->moved);
	fd_cleanup(&devices->host);
	fd_cleanup(&devices->inside);
	*devices = NET_DEVICES_NONE;
}

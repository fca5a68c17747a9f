/* rtnetlink(7), as much of it as moving a network device takes: one question, its answers, its end.
 */
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/* A question being written. */
struct netlink_request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		char bytes[240];
	};
};

/* One answer: its body is an ifinfomsg or an ifaddrmsg, and attributes follow. */
typedef int (*netlink_answer)(void *context, const struct nlmsghdr *answer);

/* Opens a socket in the present network namespace, close-on-exec. Returns it or -errno. */
int netlink_open(void);

/* Begins a question about links (RTM_*LINK) or addresses (RTM_*ADDR); flags are NLM_F_*. */
void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags);

/* Adds an attribute. What has no room any more makes netlink_ask fail. */
void netlink_add(struct netlink_request *request, uint16_t type, const void *data, size_t length);

/*
 * Sends the question and waits for its end; answer (may be NULL) is called for each message before
 * that, and ends it by returning a negative errno. Returns 0 or -errno, the kernel's own too.
 */
int netlink_ask(int fd, struct netlink_request *request, netlink_answer answer, void *context);

/* The attribute of a link or an address, or NULL. */
const struct rtattr *netlink_find(const struct nlmsghdr *answer, uint16_t type);

/*
 * The kernel answers in as many messages as it likes and then says how it ended: with an
 * acknowledgement, an error, or the end of a list. Each socket asks one thing at a time, so
 * whatever arrives until then belongs to the question.
 */
#include "runtime/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_SIZE 32768 /* the most that the kernel puts into one datagram of a list */

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

static size_t body_size(uint16_t type)
{
	return type < RTM_NEWADDR ? sizeof(struct ifinfomsg) : sizeof(struct ifaddrmsg);
}

void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body_size(type));
}

void netlink_add(struct netlink_request *request, uint16_t type, const void *data, size_t length)
{
	uint32_t begin = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr attribute = {.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(length)};

	if (length > sizeof(*request) || begin + RTA_SPACE(length) > sizeof(*request)) {
		request->header.nlmsg_len = sizeof(*request) + 1;
		return;
	}
	memcpy((char *)request + begin, &attribute, sizeof(attribute));
	memcpy((char *)request + begin + RTA_LENGTH(0), data, length);
	request->header.nlmsg_len = begin + (uint32_t)RTA_LENGTH(length);
}

/* Handles one datagram. Returns 1 at the end of the answers, 0 before it, or -errno. */
static int datagram_read(
	const struct nlmsghdr *message, size_t length, netlink_answer answer, void *context)
{
	for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
		const struct nlmsgerr *end = NLMSG_DATA(message);
		int result;

		if (message->nlmsg_type == NLMSG_DONE)
			return 1;
		if (message->nlmsg_type == NLMSG_ERROR)
			return end->error < 0 ? end->error : 1;
		result = answer ? answer(context, message) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}

int netlink_ask(int fd, struct netlink_request *request, netlink_answer answer, void *context)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	_Alignas(8) char buffer[ANSWER_SIZE];
	int result = 0;

	if (request->header.nlmsg_len > sizeof(*request))
		return -EMSGSIZE;
	if ((request->header.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		request->header.nlmsg_flags |= NLM_F_ACK;
	if (sendto(fd, request, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel,
		    sizeof(kernel)) < 0)
		return -errno;
	while (result == 0) {
		ssize_t length = recv(fd, buffer, sizeof(buffer), 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		result = datagram_read(
			(const struct nlmsghdr *)buffer, (size_t)length, answer, context);
	}
	return result < 0 ? result : 0;
}

const struct rtattr *netlink_find(const struct nlmsghdr *answer, uint16_t type)
{
	size_t body = NLMSG_ALIGN(body_size(answer->nlmsg_type));
	const struct rtattr *attribute =
		(const struct rtattr *)((const char *)NLMSG_DATA(answer) + body);
	size_t length =
		answer->nlmsg_len < NLMSG_LENGTH(body) ? 0 : answer->nlmsg_len - NLMSG_LENGTH(body);

	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length))
		if (attribute->rta_type == type)
			return attribute;
	return NULL;
}

/*
 * mydocker-systemd asks the service manager of the host, or of the user, for the units of
 * containers. It is a program of its own because libsystemd is large and mydocker is not: it is
 * started for --systemd-cgroup and by nobody else. See runtime/unit/manager_protocol.h for what it
 * is asked and answers. Whatever it waits for has a bound, and ends when who asked is gone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/systemd/bus.h"
#include "runtime/systemd/words.h"
#include "runtime/unit/manager_protocol.h"

#define PEER STDIN_FILENO

static void answer_append(char *packet, size_t *length, const char *word)
{
	size_t size = strlen(word);

	memcpy(packet + *length, word, size);
	*length += size;
	packet[(*length)++] = '\0';
}

static void answer(int result, const struct bus_reply *reply)
{
	char packet[4096];
	size_t length = 0;

	answer_append(packet, &length, result < 0 ? "failed" : "ok");
	if (result < 0 || reply->name[0]) {
		answer_append(packet, &length, reply->name);
		answer_append(packet, &length, reply->text);
	}
	if (send(PEER, packet, length, MSG_NOSIGNAL) < 0)
		exit(1);
}

static int request_hello(struct bus *bus, struct words *words, struct bus_reply *reply)
{
	const char *kind = word_next(words);

	if (!kind || (strcmp(kind, "system") != 0 && strcmp(kind, "user") != 0))
		return bus_fail(reply, MANAGER_ERROR_REQUEST, "hello system or hello user");
	return bus_connect(bus, strcmp(kind, "user") == 0, reply);
}

static int request_attach(struct bus *bus, struct words *words, struct bus_reply *reply)
{
	const char *unit = word_next(words), *pid = word_next(words);

	if (!unit || !pid)
		return bus_fail(reply, MANAGER_ERROR_REQUEST, "attach UNIT PID");
	return bus_attach(bus, unit, (unsigned int)strtoul(pid, NULL, 10), reply);
}

static int request_unit(struct bus *bus, struct words *words, struct bus_reply *reply,
	int (*carry_out)(struct bus *, const char *, struct words *, struct bus_reply *))
{
	const char *unit = word_next(words);

	if (!unit)
		return bus_fail(reply, MANAGER_ERROR_REQUEST, "a unit is missing");
	return carry_out(bus, unit, words, reply);
}

static int request_dispatch(struct bus *bus, struct words *words, struct bus_reply *reply)
{
	const char *verb = word_next(words);

	if (verb && strcmp(verb, "hello") == 0)
		return request_hello(bus, words, reply);
	if (!verb || !bus_connected(bus))
		return bus_fail(reply, MANAGER_ERROR_REQUEST, "the first request is hello");
	if (strcmp(verb, "start") == 0)
		return request_unit(bus, words, reply, bus_start);
	if (strcmp(verb, "set") == 0)
		return request_unit(bus, words, reply, bus_set);
	if (strcmp(verb, "stop") == 0)
		return request_unit(bus, words, reply, bus_stop);
	if (strcmp(verb, "attach") == 0)
		return request_attach(bus, words, reply);
	return bus_fail(reply, MANAGER_ERROR_REQUEST, "there is no such request");
}

int main(void)
{
	static char packet[MANAGER_PACKET];
	struct bus bus = {.peer = PEER};
	ssize_t length;

	/* The descriptors of who started us are none of our business. */
	syscall(SYS_close_range, 3, ~0U, 0);
	while ((length = recv(PEER, packet, sizeof(packet), 0)) > 0) {
		struct words words = {packet, packet + length};
		struct bus_reply reply = {0};
		int result;

		if (packet[length - 1] != '\0')
			result =
				bus_fail(&reply, MANAGER_ERROR_REQUEST, "a packet ends with a NUL");
		else
			result = request_dispatch(&bus, &words, &reply);
		answer(result, &reply);
	}
	return length < 0;
}

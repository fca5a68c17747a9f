/*
 * The manager is reached by the bus, or by its own socket where there is no bus. What it does for
 * us it does as a job, whose end it tells by a signal: that is what is waited for. A unit's name
 * may still be taken by one that is failed or about to go; then there is a second try.
 */
#include "runtime/systemd/bus.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "runtime/systemd/property.h"
#include "runtime/unit/manager_protocol.h"

#define SERVICE "org.freedesktop.systemd1"
#define MANAGER "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define UNIT_TAKEN "org.freedesktop.systemd1.UnitExists"
#define UNIT_ABSENT "org.freedesktop.systemd1.NoSuchUnit"
#define SECOND 1000000u   /* microseconds */
#define GOING 2           /* seconds for a unit of the same name to go */
#define GOING_LOOK 20000u /* microseconds between two looks at it */

int bus_fail(struct bus_reply *reply, const char *name, const char *text)
{
	snprintf(reply->name, sizeof(reply->name), "%s", name);
	snprintf(reply->text, sizeof(reply->text), "%s", text);
	return -EINVAL;
}

/* The failure of a call, with the manager's own words where it has said something. */
static int call_fail(struct bus_reply *reply, int number, const sd_bus_error *error)
{
	bool answered = sd_bus_error_is_set(error);

	snprintf(reply->name, sizeof(reply->name), "%s",
		answered                       ? error->name
			: number == -ETIMEDOUT ? MANAGER_ERROR_TIMEOUT
					       : "mydocker.Call");
	snprintf(reply->text, sizeof(reply->text), "%s",
		answered && error->message ? error->message : strerror(-number));
	return number;
}

bool bus_connected(const struct bus *bus)
{
	return bus->connection != NULL;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec / 1000;
}

/* ---- connecting ---- */

static int address_open(sd_bus **connection, const char *path)
{
	char address[512];
	int r = sd_bus_new(connection);

	snprintf(address, sizeof(address), "unix:path=%s", path);
	if (r >= 0)
		r = sd_bus_set_address(*connection, address);
	if (r >= 0)
		r = sd_bus_start(*connection);
	if (r < 0)
		*connection = sd_bus_unref(*connection);
	return r;
}

/* The manager's own socket: there is one before there is a bus, and without one. */
static int private_open(sd_bus **connection, bool user)
{
	const char *directory = user ? getenv("XDG_RUNTIME_DIR") : "/run";
	char path[400];

	if (!directory)
		return -ENOMEDIUM;
	snprintf(path, sizeof(path), "%s/systemd/private", directory);
	return address_open(connection, path);
}

static int job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct bus *bus = data;
	const char *path, *unit, *outcome;
	uint32_t id;

	if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &outcome) >= 0 &&
		strcmp(path, bus->job) == 0)
		snprintf(bus->outcome, sizeof(bus->outcome), "%s", outcome);
	return 0;
}

/* Asks for the signals of jobs, and who the manager is. */
static int manager_greet(struct bus *bus, struct bus_reply *reply, sd_bus_error *error)
{
	char *version = NULL, *cgroup = NULL;
	int r = sd_bus_match_signal(
		bus->connection, NULL, NULL, MANAGER, "JobRemoved", job_removed, bus);

	if (r >= 0)
		r = sd_bus_call_method(
			bus->connection, SERVICE, MANAGER, "Subscribe", error, NULL, "");
	if (r >= 0)
		r = sd_bus_get_property_string(
			bus->connection, SERVICE, MANAGER, "Version", error, &version);
	if (r >= 0)
		r = sd_bus_get_property_string(
			bus->connection, SERVICE, MANAGER, "ControlGroup", error, &cgroup);
	if (r >= 0) {
		bus->version = atoi(version + strcspn(version, "0123456789"));
		snprintf(reply->name, sizeof(reply->name), "%d", bus->version);
		snprintf(reply->text, sizeof(reply->text), "%s", cgroup);
	}
	free(version);
	free(cgroup);
	return r;
}

int bus_connect(struct bus *bus, bool user, struct bus_reply *reply)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = user ? sd_bus_open_user(&bus->connection) : sd_bus_open_system(&bus->connection);
	int first = r;

	if (r < 0)
		r = private_open(&bus->connection, user);
	if (r < 0) {
		snprintf(reply->name, sizeof(reply->name), "%s", MANAGER_ERROR_ABSENT);
		snprintf(reply->text, sizeof(reply->text),
			"the %s bus: %s; the manager's socket: %s", user ? "user" : "system",
			strerror(-first), strerror(-r));
		return r;
	}
	sd_bus_set_method_call_timeout(bus->connection, (uint64_t)MANAGER_CALL_PATIENCE * SECOND);
	r = manager_greet(bus, reply, &error);
	if (r < 0) {
		call_fail(reply, r, &error);
		bus->connection = sd_bus_unref(bus->connection);
	}
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}

/* ---- waiting ---- */

/* Until something comes, at most to the deadline. Who asked us may go meanwhile: then so do we. */
static void bus_wait(struct bus *bus, uint64_t deadline)
{
	struct pollfd ends[] = {
		{.fd = sd_bus_get_fd(bus->connection),
			.events = (short)sd_bus_get_events(bus->connection)},
		{.fd = bus->peer},
	};
	uint64_t time = now(), left = deadline > time ? deadline - time : 0;
	struct timespec wait = {(time_t)(left / SECOND), (long)(left % SECOND) * 1000};

	ppoll(ends, 2, &wait, NULL);
	if (ends[1].revents & (POLLHUP | POLLERR))
		exit(0);
}

/* Waits for the end of the job. */
static int job_wait(struct bus *bus, struct bus_reply *reply)
{
	uint64_t deadline = now() + (uint64_t)MANAGER_PATIENCE * SECOND;

	while (!bus->outcome[0]) {
		int r = sd_bus_process(bus->connection, NULL);

		if (r < 0)
			return call_fail(reply, r, NULL);
		if (r > 0)
			continue;
		if (now() >= deadline)
			return bus_fail(reply, MANAGER_ERROR_TIMEOUT, "its job does not end");
		bus_wait(bus, deadline);
	}
	return 0;
}

/* ---- units ---- */

/* Does the call, whose answer is a job, and waits for its end. */
static int job_call(
	struct bus *bus, sd_bus_message *call, struct bus_reply *reply, sd_bus_error *error)
{
	sd_bus_message *got = NULL;
	const char *job;
	int r;

	bus->job[0] = bus->outcome[0] = '\0';
	r = sd_bus_call(bus->connection, call, 0, error, &got);
	if (r >= 0)
		r = sd_bus_message_read(got, "o", &job);
	if (r < 0) {
		call_fail(reply, r, error);
	} else {
		snprintf(bus->job, sizeof(bus->job), "%s", job);
		r = job_wait(bus, reply);
	}
	sd_bus_message_unref(got);
	return r;
}

static void unit_reset(struct bus *bus, const char *unit)
{
	sd_bus_call_method(
		bus->connection, SERVICE, MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
}

/* The properties, and the scope's first process: us, whatever our pid is where the manager is. */
static int start_message(
	struct bus *bus, const char *unit, struct words properties, sd_bus_message **message)
{
	int r = sd_bus_message_new_method_call(
		bus->connection, message, SERVICE, MANAGER, "StartTransientUnit");

	if (r >= 0)
		r = sd_bus_message_append(*message, "ss", unit, "replace");
	if (r >= 0)
		r = sd_bus_message_open_container(*message, 'a', "(sv)");
	if (r >= 0)
		r = properties_append(*message, bus->version, &properties);
	if (r >= 0)
		r = sd_bus_message_append(*message, "(sv)", "PIDs", "au", 1, 0);
	if (r >= 0)
		r = sd_bus_message_close_container(*message);
	return r < 0 ? r : sd_bus_message_append(*message, "a(sa(sv))", 0);
}

static int unit_try(
	struct bus *bus, const char *unit, const struct words *properties, struct bus_reply *reply)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL;
	int r = start_message(bus, unit, *properties, &message);

	if (r < 0)
		call_fail(reply, r, NULL);
	else
		r = job_call(bus, message, reply, &error);
	sd_bus_message_unref(message);
	sd_bus_error_free(&error);
	return r;
}

int bus_start(struct bus *bus, const char *unit, struct words *properties, struct bus_reply *reply)
{
	uint64_t deadline = now() + GOING * SECOND;
	int r;

	for (;;) {
		r = unit_try(bus, unit, properties, reply);
		if (r >= 0 || strcmp(reply->name, UNIT_TAKEN) != 0 || now() > deadline)
			break;
		unit_reset(bus, unit);
		bus_wait(bus, now() + GOING_LOOK);
	}
	if (r >= 0 && strcmp(bus->outcome, "done") != 0) {
		bus_fail(reply, MANAGER_ERROR_JOB, bus->outcome);
		r = -ECANCELED;
	}
	if (r < 0 && strcmp(reply->name, UNIT_TAKEN) != 0)
		unit_reset(bus, unit);
	return r < 0 ? r : 0;
}

int bus_set(struct bus *bus, const char *unit, struct words *properties, struct bus_reply *reply)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL;
	int r = sd_bus_message_new_method_call(
		bus->connection, &message, SERVICE, MANAGER, "SetUnitProperties");

	if (r >= 0)
		r = sd_bus_message_append(message, "sb", unit, true);
	if (r >= 0)
		r = sd_bus_message_open_container(message, 'a', "(sv)");
	if (r >= 0)
		r = properties_append(message, bus->version, properties);
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	if (r >= 0)
		r = sd_bus_call(bus->connection, message, 0, &error, NULL);
	/* It writes the files after it has answered, and before it answers anything else. */
	if (r >= 0)
		r = sd_bus_call_method(bus->connection, SERVICE, "/", "org.freedesktop.DBus.Peer",
			"Ping", &error, NULL, "");
	if (r < 0)
		call_fail(reply, r, &error);
	sd_bus_message_unref(message);
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}

int bus_stop(struct bus *bus, const char *unit, struct words *nothing, struct bus_reply *reply)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *message = NULL;
	int r = sd_bus_message_new_method_call(
		bus->connection, &message, SERVICE, MANAGER, "StopUnit");

	if (r >= 0)
		r = sd_bus_message_append(message, "ss", unit, "replace");
	if (r >= 0)
		r = job_call(bus, message, reply, &error);
	else
		call_fail(reply, r, NULL);
	if (r < 0 && strcmp(reply->name, UNIT_ABSENT) == 0) {
		*reply = (struct bus_reply){0};
		r = 0;
	}
	unit_reset(bus, unit);
	sd_bus_message_unref(message);
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}

int bus_attach(struct bus *bus, const char *unit, unsigned int pid, struct bus_reply *reply)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call_method(bus->connection, SERVICE, MANAGER, "AttachProcessesToUnit",
		&error, NULL, "ssau", unit, "", 1, pid);

	if (r < 0)
		call_fail(reply, r, &error);
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}

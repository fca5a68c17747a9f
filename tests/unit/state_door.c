/* The door from both sides: somebody waits, nobody waits, somebody was faster. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "state/door.h"
#include "tests/unit/state_place.h"

static void test_open(void)
{
	struct container container = place_container("open");
	struct error err = {0};
	int listener = door_make(&container, &err), ours, theirs;
	char text[16] = "";

	ok(listener >= 0, "a door is made: %s", err.message);
	ok(fcntl(listener, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	ours = door_open(&container, &err);
	ok(ours >= 0, "and opened: %s", err.message);
	ok(fcntl(ours, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	ok(fcntl(ours, F_GETFL) & O_NONBLOCK, "who reads from it polls first");
	theirs = accept(listener, NULL, NULL);
	ok(theirs >= 0 && send(theirs, "why", 4, 0) == 4 && recv(ours, text, sizeof(text), 0) == 4,
		"a message goes through");
	is_string(text, "why", "whole");
	close(theirs);
	is_number(recv(ours, text, sizeof(text), 0), 0, "a close on exec is the end of file");
	is_number(door_open(&container, &err), -ENOENT, "a second start finds no door");
	ok(strstr(err.message, "already running") != NULL, "and says why");
	close(ours);
	close(listener);
	container_leave(&container);
}

static int listener_die(void *context)
{
	struct error err = {0};

	return door_make(context, &err) >= 0 ? 0 : 1;
}

static void test_dead(void)
{
	struct container container = place_container("dead");
	struct error err = {0};

	is_number(in_child(listener_die, &container), 0, "a door whose listener has died");
	is_number(door_open(&container, &err), -ECONNREFUSED, "is refused");
	is_number(err.code, ERROR_STATUS, "because of the container's status");
	ok(strstr(err.message, "has stopped") != NULL, "in words");
	container_leave(&container);
}

/* Nobody accepts and others have filled the queue. */
static void test_crowded(void)
{
	struct container container = place_container("crowded");
	struct error err = {0};
	int listener = door_make(&container, &err), count = 0, fd;

	alarm(10);
	for (fd = 0; fd >= 0 && count < 100; count++) {
		place_shell("ln -f crowded/door crowded/spare");
		fd = door_open(&container, &err);
		place_shell("ln -f crowded/spare crowded/door");
	}
	alarm(0);
	is_number(fd, -EBUSY, "a crowded door never blocks (%d got in)", count - 1);
	close(listener);
	container_leave(&container);
}

/* Socket addresses end at 107 bytes, state roots do not. */
static void test_long(void)
{
	struct container container = CONTAINER_NONE;
	char root[PATH_MAX];
	struct error err = {0};
	int length = snprintf(root, sizeof(root), "%s", place);
	int listener, fd;

	for (int i = 0; i < 5; i++)
		length += snprintf(root + length, sizeof(root) - (size_t)length, "/%0100d", i);
	is_number(
		container_reserve(&container, root, "long", &err), 0, "a root of %d bytes", length);
	listener = door_make(&container, &err);
	fd = door_open(&container, &err);
	ok(listener >= 0 && fd >= 0, "has doors, too: %s", err.message);
	close(fd);
	close(listener);
	container_leave(&container);
}

int main(void)
{
	place_make();
	test_open();
	test_dead();
	test_crowded();
	test_long();
	place_remove();
	return tap_end();
}

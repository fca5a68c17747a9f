/* A state root of a test's own, and what the state tests do with it again and again. */
#pragma once

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/record.h"
#include "tests/unit/tap.h"

static char place[64];

static void place_make(void)
{
	snprintf(place, sizeof(place), "/tmp/mydocker-state-XXXXXX");
	if (mkdtemp(place) == NULL)
		exit(EXIT_FAILURE);
}

/* Runs a shell command in the place; true when it succeeds. */
__attribute__((unused, format(printf, 1, 2))) static bool place_shell(const char *format, ...)
{
	char command[2048];
	va_list arguments;
	int length = snprintf(command, sizeof(command), "cd %s && ", place);

	va_start(arguments, format);
	vsnprintf(command + length, sizeof(command) - (size_t)length, format, arguments);
	va_end(arguments);
	return system(command) == 0;
}

static void place_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place);
	if (system(command) != 0)
		printf("# %s is left\n", place);
}

/* A container reserved in the place, the lock given up again. */
__attribute__((unused)) static struct container place_container(const char *id)
{
	struct container container = CONTAINER_NONE;
	struct error err = {0};

	if (container_reserve(&container, place, id, &err) == 0)
		container_leave(&container);
	if (container_enter(&container, place, id, &err) < 0)
		printf("# no container %s: %s\n", id, err.message);
	return container;
}

/* Runs body in a child and returns its exit status, -1 when a signal ended it. */
__attribute__((unused)) static int in_child(int (*body)(void *), void *context)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body(context));
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * Nobody updates a status when a container is killed, frozen from outside or lost in a reboot, so a
 * stored one lies sooner or later.
 */
#include "state/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "nsexec/wire.h"
#include "state/life.h"

#define FREEZER_V1 "/freezer.state"

const char *status_word(enum status status)
{
	static const char *const words[] = {
		[STATUS_CREATING] = "creating",
		[STATUS_CREATED] = "created",
		[STATUS_RUNNING] = "running",
		[STATUS_PAUSED] = "paused",
		[STATUS_STOPPED] = "stopped",
	};

	return words[status];
}

/*
 * A file of the container may happen to have the number of the gate's memfd. But a memfd has no
 * link, nor has a mydocker that was replaced meanwhile; any other image must be our own program,
 * which is the gate where memfds cannot be executed.
 */
static bool image_is_gate(const struct stat *image, uint64_t gate)
{
	struct stat own;

	if (image->st_ino != gate || image->st_nlink == 0)
		return image->st_ino == gate;
	return stat("/proc/self/exe", &own) == 0 && own.st_ino == gate &&
		own.st_dev == image->st_dev;
}

/*
 * What a caller without privilege can know of a gate in a user namespace, whose image the kernel
 * shows to the host's root alone. A program that calls itself so misleads only who asks for its
 * own status.
 */
static bool process_is_called_gate(pid_t pid)
{
	char path[32], name[sizeof(WIRE_GATE_NAME)];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	return kernel_file_read(path, name, sizeof(name)) > 0 && strcmp(name, WIRE_GATE_NAME) == 0;
}

/* Whether the process waits to be started. -ESRCH: it has just given up its memory. */
static int process_is_gate(pid_t pid, uint64_t gate)
{
	struct stat image = {0};
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (stat(path, &image) < 0 && (errno == ENOENT || errno == ESRCH))
		return -ESRCH;
	return image.st_ino != 0 ? image_is_gate(&image, gate) : process_is_called_gate(pid);
}

/* Since Linux 6.1 v1's freezer stops a process in D; before, a sleeper stayed as it was. Asked
 * once: a listing has thousands of processes. */
static bool freezer_stops_in_d(void)
{
	static enum { UNASKED, NO, YES } answer;
	struct utsname host;
	char *end;
	unsigned long major, minor;

	if (answer == UNASKED && uname(&host) == 0) {
		major = strtoul(host.release, &end, 10);
		minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
		answer = major > 6 || (major == 6 && minor >= 1) ? YES : NO;
	}
	return answer == YES;
}

/* Whether the process shows what it would cost more to ask the freezer: that it is not frozen. */
static bool process_shows_thawed(const struct life *life, const char *freezer)
{
	return (life->state == 'R' || life->state == 'S') && strstr(freezer, FREEZER_V1) != NULL &&
		freezer_stops_in_d();
}

static bool freezer_is_frozen(const char *path)
{
	char text[256];

	if (kernel_file_read(path, text, sizeof(text)) < 0)
		return false;
	return strncmp(text, "FROZEN", 6) == 0 || strstr(text, "frozen 1") != NULL;
}

static bool creator_lives(const struct spec_record *record)
{
	uint64_t start;

	return process_start_time((pid_t)record->creator.value, &start) == 0 &&
		start == record->creator_start.value;
}

enum status status_derive(const struct spec_record *record)
{
	pid_t pid = (pid_t)record->init.value;
	struct life life;
	int gate = 0;

	if (pid == 0)
		return creator_lives(record) ? STATUS_CREATING : STATUS_STOPPED;
	if (life_read(pid, &life) < 0 || !life_goes_on(&life) ||
		life.start != record->init_start.value)
		return STATUS_STOPPED;
	/* What was started, or is being restored, is none any more, or never was. */
	if (record->gate.given)
		gate = process_is_gate(pid, record->gate.value);
	if (gate < 0)
		return STATUS_STOPPED;
	if ((gate || !record->gate.given) && creator_lives(record))
		return STATUS_CREATING;
	/* Before the door as well: who knocks at a frozen gate waits for nothing. */
	if (record->freezer != NULL && !process_shows_thawed(&life, record->freezer) &&
		freezer_is_frozen(record->freezer))
		return STATUS_PAUSED;
	return gate ? STATUS_CREATED : STATUS_RUNNING;
}

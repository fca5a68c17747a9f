/*
 * make bench: every runtime that is found, side by side, one round after the other, so that the
 * drift of a shared machine hits all of them alike.
 *
 *	bench [-r ROUNDS] [-n CONTAINERS] [-j FILE] [-s FILE] -d BUNDLES NAME=PATH...
 *
 * The first runtime is the one that the others are compared with; the one called floor is the floor
 * program. BUNDLES is what bundles.sh has made. JSON goes to -j, the picture to -s. With -n 0 no
 * crowd is made.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NETWORK "/run/bench-net" /* as bundles.sh has it */

/* A network namespace to join, held by a mount. */
static int network_make(void)
{
	char path[64];
	int ready[2], status = -1;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], path, 1) == 1 &&
		close(open(NETWORK, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
		status = mount(path, NETWORK, NULL, MS_BIND, NULL);
	}
	close(ready[0]);
	if (pid > 0 && kill(pid, SIGKILL) == 0)
		waitpid(pid, NULL, 0);
	return status;
}

/* Mounts of our own, with /run in memory as every host has it: there the runtimes keep their state.
 */
static int stage_make(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
		return -1;
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -1 : network_make();
}

static int runtime_add(struct bench *bench, char *definition)
{
	char *path = strchr(definition, '=');
	struct runtime *runtime = &bench->runtimes[bench->count];

	if (!path || access(path + 1, X_OK) < 0 || bench->count == RUNTIMES) {
		fprintf(stderr, "bench: no runtime: %s\n", definition);
		return -1;
	}
	*path = '\0';
	*runtime = (struct runtime){definition, path + 1, strcmp(definition, "floor") == 0};
	bench->count++;
	return 0;
}

int main(int argc, char **argv)
{
	static struct bench bench = {.rounds = 30, .crowd = 1000};
	static struct table table;
	const char *json = NULL, *picture = NULL;
	int option;

	while ((option = getopt(argc, argv, "r:n:j:s:d:")) != -1) {
		if (option == 'r')
			bench.rounds = atoi(optarg);
		else if (option == 'n')
			bench.crowd = atoi(optarg);
		else if (option == 'j')
			json = optarg;
		else if (option == 's')
			picture = optarg;
		else if (option == 'd')
			bench.bundles = optarg;
		else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		if (runtime_add(&bench, argv[i]) < 0)
			return 2;
	if (!bench.bundles || bench.count == 0 || stage_make() < 0) {
		perror("bench: needs -d BUNDLES, a runtime, and to be root");
		return 2;
	}
	measure_times(&bench, &table);
	measure_sizes(&bench, &table);
	if (bench.crowd > 0)
		measure_crowd(&bench, &table);
	if (stage_unified() == 0)
		measure_unified(&bench, &table);
	report_table(&bench, &table);
	if ((json && report_json(json, &bench, &table) < 0) ||
		(picture && report_picture(picture, &bench, &table) < 0)) {
		perror("bench: cannot write a report");
		return 1;
	}
	return 0;
}

/* Waiting for a container to run out of memory. */
#pragma once

#include "state/record.h"

/* What poll(2) waits for; zeroed and closed by the two functions below. */
struct oom_watch {
	int fd; /* -1: nobody tells */
	short events;
	bool counts;    /* v1: an eventfd, whose value is the number of times */
	uint64_t known; /* v2: times that have been reported */
};

/*
 * Begins to watch. Where no memory is counted for the container there is nothing to see, and fd is
 * -1. Returns 0 or -errno with err; oom_watch_end in any case.
 */
int oom_watch_begin(struct oom_watch *watch, const struct spec_cgroup_directory_list *directories,
	struct error *err);

/* How many times since the last call; does not wait. */
uint64_t oom_watch_count(struct oom_watch *watch);

void oom_watch_end(struct oom_watch *watch);

/* The two kinds of freezer as data: which file orders, which file tells, and with which words. Only
 * runtime/cgroup/ includes this. */
#pragma once

#include <stdbool.h>

struct cgroup_freezer {
	const char *controller;  /* of the hierarchies that have it; v2: "" */
	const char *order;       /* file that is written */
	const char *words[2];    /* thawed, frozen */
	const char *report;      /* file that tells */
	const char *reported[2]; /* what it contains then */
	bool notifies;           /* poll(2) on the report wakes */
};

/* The freezer that the directory has, or NULL. */
const struct cgroup_freezer *cgroup_freezer_of(const char *directory);

/* 1: frozen (or about to be), 0: not, or -errno. */
int cgroup_freezer_ask(const struct cgroup_freezer *freezer, const char *directory);

/* What checkpoint and restore ask of CRIU alike, read from the command line. */
#pragma once

#include "runtime/criu/criu.h"
#include "runtime/verb/verbs.h"
#include "spec/spec.h"

/* Where the images and the log are. Start from CRIU_PLACE_NONE. */
struct criu_place {
	const char *images, *work; /* directories */
	int images_fd, work_fd;
	const char *log; /* a file of work */
};
#define CRIU_PLACE_NONE ((struct criu_place){.images_fd = -1, .work_fd = -1})

/*
 * Opens the directories that the command names; the images' is made when make says so. log: the
 * log's name. Returns 0 or -errno with err; criu_place_close in any case.
 */
int criu_place_open(struct criu_place *place, const struct command *command, bool make,
	const char *log, struct arena *arena, struct error *err);
void criu_place_close(struct criu_place *place);

/* Opens the directories again, for CRIU in another mount namespace; they take the place of those
 * that it would have been given. Returns 0 or -errno. */
int criu_place_reopen(const struct criu_place *place, struct criu_start *start);

/*
 * Adds the options that the command line and the configuration (its annotation org.criu.config)
 * give. Returns 0, or -EINVAL with err for one that does not exist or does not go with another.
 */
int criu_options_fill(struct protobuf *options, const struct command *command,
	const struct criu_place *place, const struct spec *spec, struct error *err);

/*
 * Asks whether CRIU and the kernel can do what --pre-dump, --parent-path and --lazy-pages need.
 * Returns 0 or -errno with err.
 */
int criu_features_check(const char *program, const struct command *command, struct error *err);

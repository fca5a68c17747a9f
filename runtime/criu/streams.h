/*
 * What a container's standard streams were, kept beside its images in descriptors.json: an array of
 * three strings, as readlink(2) gives them. A pipe among them that leads outside is the caller's
 * when it is restored.
 */
#pragma once

#include "runtime/criu/protobuf.h"
#include "state/record.h"

/* Writes the file into the directory of the images. Returns 0 or -errno with err. */
int criu_streams_write(
	int images, const struct spec_record *record, struct arena *arena, struct error *err);

/* Reads it, and adds to CRIU's options which of our streams stands for which pipe. Returns 0 or
 * -errno with err. */
int criu_streams_inherit(
	int images, struct protobuf *options, struct arena *arena, struct error *err);

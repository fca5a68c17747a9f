/* What `run` changes in a bundle's configuration, for a person who does not want to edit it. */
#pragma once

#include "runtime/verb/verbs.h"
#include "spec/spec.h"

/* True when the command line changes the configuration. */
bool overrides_given(const struct command *command);

/*
 * Applies the options and the words of the command to spec and decodes the result anew, so that
 * what is checked, compiled and kept is what runs. rootfs: absolute path of the root filesystem, in
 * which users are looked up. Returns 0 or -errno with err.
 */
int overrides_apply(
	const struct command *command, struct spec *spec, const char *rootfs, struct error *err);

/* The command of run, after the id: NULL-terminated; argc is how many words it has. */
char **run_words(const struct command *command, int *argc);

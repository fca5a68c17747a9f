/* A user as a person names him: by numbers, or by the container's own names. */
#pragma once

#include "spec/spec.h"

/*
 * "USER[:GROUP]", each a number or a name. Names are looked up in /etc/passwd and /etc/group below
 * root (a directory's descriptor, or -1: numbers only), which cannot lead out of it. The group of a
 * user who is named is that of passwd, with the groups that list him; of a number it is 0. Fills
 * uid, gid and additional_gids, in arena. Returns 0, or -errno with err.
 */
int user_find(
	int root, const char *text, struct arena *arena, struct spec_user *user, struct error *err);

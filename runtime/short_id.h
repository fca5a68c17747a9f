/* Ids that we have invented may be shortened by a person. */
#pragma once

#include "runtime/existing.h"

#define ID_DIGITS 10 /* random, as people know them from the classic mydocker */

/*
 * existing_enter for the verbs of a shell: when no container has this id, and it is the beginning
 * of exactly one that `run` has invented (ten digits), that one is meant. A name is never
 * completed, so a mistyped one cannot hit another container. -EINVAL, ERROR_USAGE, when it is the
 * beginning of several.
 */
int existing_find(
	struct existing *existing, const char *root, const char *id, int lock, struct error *err);

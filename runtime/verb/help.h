/* Help and version, printed to stdout from the tables. program is argv[0]; its last part is the
 * name that is shown. */
#pragma once

#include "runtime/verb/verbs.h"

/* All verbs and global options; one verb with its options; the three lines of --version. Each
 * returns 1. */
int help_print(const char *program);
int help_print_verb(const char *program, enum verb_id verb);
int version_print(const char *program);

/* The last part of a path: how the program was called. */
const char *program_name(const char *path);

/* The file in which a caller finds the container's process id. */
#pragma once

#include <sys/types.h>

#include "spec/error.h"

/*
 * Writes the decimal pid, without newline, to path: complete or not there at all. A symbolic link
 * at path is replaced, never followed. NULL: nobody asked. The path stays the caller's, and in
 * place until pid_file_remove or the end of this process. Returns 0 or -errno with err.
 */
int pid_file_write(const char *path, pid_t pid, struct error *err);

/* The process has failed after all: its file goes, if there is one. */
void pid_file_remove(void);

/* Whose something is, in a word. */
#pragma once

#include <sys/types.h>

#include "spec/arena.h"

/* The user's name for a uid from the host's /etc/passwd, "#1000" when it has none. In arena; NULL
 * without memory. */
const char *owner_name(uid_t uid, struct arena *arena);

/* Numbers as people read them in a table. */
#pragma once

#include "spec/arena.h"
#include "spec/table.h"

/* "1.5 MiB", "312 KiB", "17 B"; "" when absent. In arena. */
const char *quantity_bytes(struct arena *arena, struct maybe_uint bytes);

/* "00:01:02.345" of microseconds; "" when absent. In arena. */
const char *quantity_time(struct arena *arena, struct maybe_uint microseconds);

/* "42"; "" when absent. In arena. */
const char *quantity_count(struct arena *arena, struct maybe_uint count);

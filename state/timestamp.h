/* Moments as text, in the two forms that our files and tables use. */
#pragma once

#include <time.h>

#define TIMESTAMP_SIZE 40

/* RFC 3339 in UTC with nanoseconds: "2026-01-02T15:04:05.123456789Z". */
void timestamp_rfc3339(const struct timespec *moment, char text[TIMESTAMP_SIZE]);

/* "2006-01-02 15:04:05" in local time, as the classic createTime has it. */
void timestamp_classic(const struct timespec *moment, char text[TIMESTAMP_SIZE]);

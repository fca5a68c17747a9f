/*
 * Records are read on any machine and compared as text, so their times are UTC and of one width;
 * only the classic member is for the eyes of whoever sits there.
 */
#include "state/timestamp.h"

#include <stdio.h>
#include <string.h>

void timestamp_rfc3339(const struct timespec *moment, char text[TIMESTAMP_SIZE])
{
	struct tm parts;
	size_t length;

	gmtime_r(&moment->tv_sec, &parts);
	length = strftime(text, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, TIMESTAMP_SIZE - length, ".%09ldZ", moment->tv_nsec);
}

void timestamp_classic(const struct timespec *moment, char text[TIMESTAMP_SIZE])
{
	struct tm parts;

	localtime_r(&moment->tv_sec, &parts);
	strftime(text, TIMESTAMP_SIZE, "%Y-%m-%d %H:%M:%S", &parts);
}

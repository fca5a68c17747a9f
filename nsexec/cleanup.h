/* Ownership that ends with the scope. libc only; every room may include this. */
#pragma once

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * auto_fd int fd = -1;      closed at the end of the scope unless taken out
 * auto_free char *s = NULL; freed at the end of the scope unless taken out
 */
#define auto_fd __attribute__((cleanup(fd_cleanup)))
#define auto_free __attribute__((cleanup(free_cleanup)))

/* Closes *fd if it is open (>= 0); keeps errno. */
static inline void fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}

/* Hands the descriptor out of an auto_fd: the caller owns it now. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define array_size(a) (sizeof(a) / sizeof((a)[0]))

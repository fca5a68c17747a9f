/* The directory in which the next device, link or console is made, kept open from one to the next.
 */
#pragma once

struct gate;

/*
 * The directory that holds path's last part; missing ones are made. *name is that part, inside
 * path. The descriptor stays the gate's. Returns it, or -errno through gate_failed.
 */
int parent_open(struct gate *gate, const char *path, const char **name);

/* True when the directory that is open is this path's. */
int parent_is_open(const struct gate *gate, const char *path);

/* Closes it: after a mount on an existing file the path may lead elsewhere. */
void parent_forget(struct gate *gate);

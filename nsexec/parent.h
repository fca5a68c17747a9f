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

/*
 * Makes a new filesystem's root, attached at path, the directory that is open. The descriptor stays
 * open until all others are closed.
 */
void parent_adopt(struct gate *gate, const char *path, int directory);

/* Closes it: after a mount on an existing file the path may lead elsewhere. */
void parent_forget(struct gate *gate);

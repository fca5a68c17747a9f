/* tmpcopyup: what a new tmpfs would hide is copied into it. */
#pragma once

struct gate;

/*
 * Copies everything below the directory from into the directory to, which is empty: files, links,
 * nodes, with owner, mode, extended attributes and modification time; other mounts below it are not
 * entered. Returns 0, or -errno through gate_failed with path as detail.
 */
int tree_copy(struct gate *gate, int from, int to, const char *path);

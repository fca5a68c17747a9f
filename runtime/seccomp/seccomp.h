/* seccomp: the profile compiled to a BPF program by libseccomp (whose only door is
 * seccomp/compile.c), and its cache. */
#pragma once

#include <linux/filter.h>

#include "spec/spec.h"

/* Bits for SECCOMP_SET_MODE_FILTER: the profile's, or the usual ones when it says nothing. Pure. */
uint64_t seccomp_flags(const struct spec_seccomp *seccomp);

/* True when an action is SCMP_ACT_NOTIFY and there is somebody to notify. Pure. */
bool seccomp_notifies(const struct spec_seccomp *seccomp);

/*
 * A descriptor that reads as an array of struct sock_filter, sealed against changes, close-on-exec:
 * from the cache under root (".seccomp/<hash>", hash of everything that shapes the program: the
 * decoded profile, library version, architecture, our own version), compiled and put there when it
 * is missing or damaged. An unusable cache costs time, never correctness. Returns the descriptor or
 * -errno with err (ERROR_SECCOMP).
 */
int seccomp_program(const struct spec *spec, const struct spec_seccomp *seccomp, const char *root,
	struct error *err);

/* ---- the library (seccomp/compile.c) ---- */

/* Compiles the profile. The program is in arena. Returns 0 or -errno with err (pointer included).
 */
int seccomp_compile(const struct spec *spec, const struct spec_seccomp *seccomp,
	struct arena *arena, struct sock_filter **program, uint32_t *count, struct error *err);

/* Major, minor and micro version of the library, and the native architecture: they shape programs.
 */
void seccomp_library(uint32_t words[4]);

/* True when the library can compile for an architecture of the specification ("SCMP_ARCH_X86_64").
 */
bool seccomp_arch_known(const char *word);

/* ---- system calls newer than the profile (seccomp/newer.c) ---- */

/* One architecture of a profile and the highest system call that the profile names on it. */
struct seccomp_newest {
	uint32_t arch; /* AUDIT_ARCH_* */
	bool x32;      /* numbers that carry __X32_SYSCALL_BIT */
	uint32_t number;
};

/*
 * The instructions that answer ENOSYS to every system call with a higher number than the given ones
 * and let all others through to what follows them. Writes at most SECCOMP_NEWER_MAX; returns how
 * many. Pure.
 */
#define SECCOMP_NEWER_MAX 256
uint32_t seccomp_newer(const struct seccomp_newest *newest, uint32_t count,
	struct sock_filter program[SECCOMP_NEWER_MAX]);

/* ---- the same filter, shorter (seccomp/shorten.c) ---- */

/*
 * Replaces a program (of libseccomp's kind) by one with the same answers to everything, in which
 * the numbers are searched by ranges: in arena, and only when it is shorter and proven to be equal.
 * Pure.
 */
void seccomp_shorten(struct arena *arena, struct sock_filter **program, uint32_t *count);

/* seccomp: the profile compiled to a BPF program by libseccomp (whose only door this is), and its cache. */
#pragma once

#include "spec/spec.h"

/* Bits for SECCOMP_SET_MODE_FILTER's flags that the profile asks for, or that are usual when it says nothing. Pure. */
uint64_t seccomp_flags(const struct spec_seccomp *seccomp);

/* True when an action is SCMP_ACT_NOTIFY. Pure. */
bool seccomp_notifies(const struct spec_seccomp *seccomp);

/*
 * A descriptor that reads as an array of struct sock_filter: from the cache under root (".seccomp/<hash>", hash of everything that
 * shapes the program: the decoded profile, library version, kernel architecture, our own version), compiled and put there when it is missing. An unusable cache
 * costs time, never correctness. Returns the descriptor or -errno with err.
 */
int seccomp_program(const struct spec *spec, const struct spec_seccomp *seccomp, const char *root,
	struct error *err);

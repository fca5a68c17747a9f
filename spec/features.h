/* What `features` prints: what this build takes, walked from the tables that the decoder reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/arena.h"
#include "spec/error.h"

/* What the tables cannot know: how the rest of the program was built. */
struct features_build {
	const char *version;
	const char *commit;
	const char *libseccomp;                       /* its version */
	bool (*seccomp_arch_known)(const char *word); /* by the linked libseccomp */
	uint64_t seccomp_flags;                       /* that libseccomp and this kernel take */
	bool cgroup_v1, cgroup_v2, cgroup_systemd, cgroup_systemd_user, cgroup_rdma;
	bool apparmor, selinux;
	bool idmap;                /* mounts with id mappings are carried out */
	const char *const *unsafe; /* annotations that change what we do, NULL-terminated; a
				      trailing dot stands for a prefix */
};

/* The document, indented, in arena; NULL with err filled when there is no memory. */
const char *spec_features(
	struct arena *arena, const struct features_build *build, struct error *err);

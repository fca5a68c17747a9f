/* Configurations and hosts to compile plans for: everything that the compiler is told, nothing that
 * it would look up. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/compile.h"
#include "spec/spec.h"

static const struct cgroup_hierarchy v1_hierarchies[] = {
	{"/sys/fs/cgroup/memory", "memory", "/host", false},
	{"/sys/fs/cgroup/pids", "pids", "/", false},
	{"/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/", false},
	{"/sys/fs/cgroup/devices", "devices", "/", false},
	{"/sys/fs/cgroup/freezer", "freezer", "/", false},
	{"/sys/fs/cgroup/systemd", "name=systemd", "/", false},
	{"/sys/fs/cgroup/unified", "", "/", true},
};
static const struct cgroup_hierarchy v2_hierarchies[] = {
	{"/sys/fs/cgroup", "", "/user.slice", true},
};

__attribute__((unused)) static const struct cgroup_host host_v1 = {
	.mode = CGROUP_V1, .count = 6, .hierarchies = v1_hierarchies};
__attribute__((unused)) static const struct cgroup_host host_hybrid = {
	.mode = CGROUP_HYBRID, .count = 7, .hierarchies = v1_hierarchies};
__attribute__((unused)) static const struct cgroup_host host_v2 = {.mode = CGROUP_V2,
	.count = 1,
	.hierarchies = v2_hierarchies,
	.v2_controllers = "cpuset cpu io memory pids"};

#define ALL_CAPABILITIES ((1ULL << 41) - 1)
#define SYS_RESOURCE (1ULL << 24)

/* One compilation and everything that it needed. */
struct fixture {
	struct spec spec;
	struct arena arena;
	struct warnings warnings;
	struct cgroup_place place;
	struct compile_input input;
	struct compiled compiled;
	struct error err;
};

/* Decodes a configuration for a host; then input can be changed before fixture_compile. */
__attribute__((unused)) static int fixture_open(
	struct fixture *f, const char *json, size_t length, const struct cgroup_host *host)
{
	*f = (struct fixture){0};
	if (spec_decode(&f->spec, json, length, &f->err) < 0)
		return -1;
	if (cgroup_place(host, CGROUP_CGROUPFS,
		    f->spec.config.linux != NULL ? f->spec.config.linux->cgroups_path : NULL, "box",
		    &f->arena, &f->place, &f->err) < 0)
		return -1;
	f->input = (struct compile_input){
		.spec = &f->spec,
		.process = f->spec.config.process,
		.id = "box",
		.bundle = "/srv/box",
		.rootfs = "/srv/box/rootfs",
		.cgroup_host = host,
		.cgroup = &f->place,
		.capabilities = ALL_CAPABILITIES,
		.privileged = true,
		.door = true,
		.warnings = &f->warnings,
	};
	return 0;
}

__attribute__((unused)) static int fixture_compile(struct fixture *f)
{
	return plan_compile(&f->input, &f->arena, &f->compiled, &f->err);
}

__attribute__((unused)) static void fixture_close(struct fixture *f)
{
	spec_free(&f->spec);
	arena_free(&f->arena);
}

/* Step number skip (from 0) of a kind, or NULL. */
__attribute__((unused)) static const void *fixture_step(
	const struct fixture *f, enum step_kind kind, uint32_t skip)
{
	for (uint32_t i = 0; i < f->compiled.plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(f->compiled.plan)[i];

		if (step->kind == kind && skip-- == 0)
			return plan_arguments(f->compiled.plan, step);
	}
	return NULL;
}

/* The index of the first step of a kind, or UINT32_MAX. */
__attribute__((unused)) static uint32_t fixture_index(const struct fixture *f, enum step_kind kind)
{
	for (uint32_t i = 0; i < f->compiled.plan->step_count; i++)
		if (plan_steps(f->compiled.plan)[i].kind == kind)
			return i;
	return UINT32_MAX;
}

/* A file's bytes, NUL-terminated, or NULL; free() it. */
__attribute__((unused)) static char *file_bytes(const char *path, size_t *length)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	bytes = calloc(1, (size_t)st.st_size + 1);
	*length = (size_t)st.st_size;
	if (bytes != NULL && read(fd, bytes, *length) != (ssize_t)*length) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

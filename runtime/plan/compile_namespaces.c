/*
 * From the first process to a process that is in all its namespaces. Which way each namespace
 * takes is namespace_policy's decision; here it becomes steps, and the paths become slots, opened
 * by the host before the gate leaves its mount namespace.
 */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "nsexec/policy.h"
#include "runtime/number_list.h"
#include "runtime/plan/compile_parts.h"

#define CPUS 8192 /* the most that any kernel is built for */

/* What an address in the configuration says about a namespace, for the steps that come from it. */
static void namespace_origin(struct compile *c, uint32_t type)
{
	plan_origin(&c->builder, c->input->exec ? NULL : (const void *)compile_namespace(c, type));
}

/* The descriptor through which a namespace is joined. */
static int32_t namespace_slot(struct compile *c, uint32_t type)
{
	const struct spec_namespace *namespace;

	if (c->input->exec)
		return plan_add_slot(&c->builder, SLOT_PROCESS, NULL);
	namespace = compile_namespace(c, type);
	return plan_add_slot(&c->builder, SLOT_READ, namespace->path);
}

static void compile_joins(struct compile *c, uint32_t types)
{
	for (unsigned int i = 0; i < 8; i++) {
		uint32_t type = types & namespace_bits[i];
		struct step_join *join;
		int32_t slot;

		if (type == 0)
			continue;
		namespace_origin(c, type);
		slot = namespace_slot(c, type);
		join = PLAN_ADD(&c->builder, join);
		join->type = type;
		join->handle = slot;
	}
}

/* A container's namespaces are all reached through one pidfd, in one call that orders them itself.
 */
static void compile_entry(struct compile *c, uint32_t types)
{
	struct step_join *join;
	int32_t slot;

	if (types == 0)
		return;
	slot = plan_add_slot(&c->builder, SLOT_PROCESS, NULL);
	join = PLAN_ADD(&c->builder, join);
	join->type = types;
	join->handle = slot;
}

static void compile_unshare(struct compile *c, uint32_t types)
{
	if (types == 0)
		return;
	namespace_origin(c, types & -types);
	PLAN_ADD(&c->builder, unshare)->types = types;
}

const char *compile_maps(struct compile *c, const struct spec_id_mapping_list *list)
{
	const char *lines = "";

	for (uint32_t i = 0; i < list->count; i++) {
		const struct spec_id_mapping *map = &list->items[i];

		lines = compile_text(c, "%s%llu %llu %llu\n", lines,
			(unsigned long long)map->container_id.value,
			(unsigned long long)map->host_id.value,
			(unsigned long long)map->size.value);
	}
	return lines;
}

/* Lines for timens_offsets; NULL when nothing is offset. */
static const char *time_offsets(struct compile *c)
{
	const struct spec_time_offset_map *offsets = &c->linux->time_offsets;
	const char *lines = NULL;

	for (uint32_t i = 0; i < offsets->count; i++)
		lines = compile_text(c, "%s%s %lld %llu\n", lines != NULL ? lines : "",
			offsets->items[i].key, (long long)offsets->items[i].value.secs.value,
			(unsigned long long)offsets->items[i].value.nanosecs.value);
	return lines;
}

/* One group can be mapped by a caller without privilege, if nobody inside can shed groups. More is
 * newgidmap's affair, and leaves setgroups as it is. */
static bool maps_one(const struct spec_id_mapping_list *list)
{
	return list->count == 1 && list->items[0].size.value == 1;
}

static void compile_map(struct compile *c, uint32_t unshared)
{
	bool user = unshared & CLONE_NEWUSER;
	const char *offsets = (unshared & CLONE_NEWTIME) ? time_offsets(c) : NULL;
	plan_text uids = {0}, gids = {0}, times;
	struct step_map *map;

	if (!user && offsets == NULL)
		return;
	plan_origin(&c->builder,
		user ? (const void *)&c->linux->uid_mappings : &c->linux->time_offsets);
	if (user) {
		uids = plan_copy(&c->builder, compile_maps(c, &c->linux->uid_mappings));
		gids = plan_copy(&c->builder, compile_maps(c, &c->linux->gid_mappings));
	}
	times = plan_copy(&c->builder, offsets);
	map = PLAN_ADD(&c->builder, map);
	map->uids = uids;
	map->gids = gids;
	map->offsets = times;
	map->deny_setgroups = user && !c->input->privileged && maps_one(&c->linux->gid_mappings);
}

/* The clone; its cgroup is known only after the entry into the cgroups was compiled. */
static void compile_clone(struct compile *c, const struct namespace_policy *policy)
{
	struct step_clone *clone;
	int32_t lent = -1;

	if (policy->lent != 0)
		lent = namespace_slot(c, policy->lent);
	plan_origin(&c->builder, &c->linux->namespaces);
	clone = PLAN_ADD(&c->builder, clone);
	clone->namespaces = policy->born;
	clone->pid = lent;
}

/* Lowering the score and raising a limit need privileges of the host's user namespace: before any
 * join. */
static void compile_host_rights(struct compile *c)
{
	const struct spec_process *process = c->process;

	if (process != NULL && process->oom_score_adj.given) {
		plan_origin(&c->builder, &process->oom_score_adj);
		PLAN_ADD(&c->builder, oom_score)->value = process->oom_score_adj.value;
	}
	compile_limits(c);
}

/* The process writes itself into one more file: nobody may have died and been replaced meanwhile.
 */
static void compile_enter(struct compile *c, const char *directory, const char *file)
{
	int32_t slot;

	if (directory == NULL)
		return;
	slot = plan_add_slot(&c->builder, SLOT_WRITE, compile_text(c, "%s/%s", directory, file));
	PLAN_ADD(&c->builder, enter)->tasks = slot;
}

static void compile_affinity(struct compile *c, const char *const *cpus)
{
	uint64_t bits[CPUS / 64] = {0};
	plan_bytes mask;

	if (*cpus == NULL)
		return;
	plan_origin(&c->builder, cpus);
	if (!number_list_parse(*cpus, bits, CPUS)) {
		plan_refuse(&c->builder, NULL, ERROR_CONFIG_RANGE, EINVAL,
			"\"%s\" is not a list of CPUs such as 0-3,7", *cpus);
		return;
	}
	mask = plan_copy_bytes(&c->builder, bits, number_list_size(bits, CPUS));
	PLAN_ADD(&c->builder, affinity)->cpus = mask;
}

/*
 * The CPUs of a process that enters: its own document's, or else the container's; NULL when neither
 * chooses.
 */
static const struct spec_exec_cpu_affinity *entry_affinity(const struct compile *c)
{
	const struct spec_process *own = c->process, *first = c->config->process;

	if (c->input->exec && own != NULL && own->exec_cpu_affinity != NULL)
		return own->exec_cpu_affinity;
	if (c->input->exec && first != NULL && first->exec_cpu_affinity != NULL)
		return first->exec_cpu_affinity;
	return NULL;
}

/* The caller may be bound to some CPUs. The container is not: its cgroup decides. */
static void compile_all_cpus(struct compile *c)
{
	uint64_t bits[CPUS / 64];
	plan_bytes mask;

	memset(bits, 0xff, sizeof(bits));
	plan_origin(&c->builder, NULL);
	mask = plan_copy_bytes(&c->builder, bits, sizeof(bits));
	PLAN_ADD(&c->builder, affinity)->cpus = mask;
}

/*
 * Whoever is born in the cgroup is in it before it can choose its CPUs: one that has to choose
 * before enters a unified hierarchy like any other, by itself.
 */
static void compile_cgroup_entry(struct compile *c, uint32_t clone_index)
{
	const struct spec_exec_cpu_affinity *affinity = entry_affinity(c);
	const char *directory;
	plan_text cgroup;

	if (affinity != NULL)
		compile_affinity(c, &affinity->initial);
	plan_origin(&c->builder, &c->linux->cgroups_path);
	directory = cgroup_compile_entry(&c->builder, c->input->cgroup_host, c->input->cgroup);
	if (affinity != NULL && affinity->initial != NULL) {
		compile_enter(c, directory, "cgroup.procs");
	} else {
		cgroup = plan_copy(&c->builder, directory);
		((struct step_clone *)plan_added(&c->builder, clone_index))->cgroup = cgroup;
	}
	plan_origin(&c->builder, &c->linux->intel_rdt);
	compile_enter(c, c->input->resctrl.group, "tasks");
	compile_enter(c, c->input->resctrl.monitor, "tasks");
	if (affinity != NULL)
		compile_affinity(c, &affinity->final);
	else
		compile_all_cpus(c);
}

static void compile_anchor(struct compile *c)
{
	int32_t root = plan_add_slot(&c->builder, SLOT_READ,
		compile_text(c, "/proc/%lld/root", (long long)c->input->init));
	struct step_anchor *anchor = PLAN_ADD(&c->builder, anchor);

	anchor->root = root;
	anchor->device = c->input->root_device;
	anchor->inode = c->input->root_inode;
}

static void compile_trace(struct compile *c)
{
	int32_t memory = plan_add_slot(&c->builder, SLOT_TRACE, NULL);
	struct step_trace *trace;

	plan_origin(&c->builder, NULL);
	trace = PLAN_ADD(&c->builder, trace);
	trace->memory = memory;
	trace->count = c->input->traced;
}

void compile_birth(struct compile *c)
{
	struct plan_builder *builder = &c->builder;
	struct namespace_policy policy;
	uint32_t clone_index;

	if (namespace_policy(c->made, c->joined, c->input->privileged, &policy) < 0) {
		plan_refuse(builder, &c->linux->namespaces, ERROR_NAMESPACE, EINVAL,
			"the list of namespaces contradicts itself");
		return;
	}
	clone_index = builder->step_count;
	compile_clone(c, &policy);
	if (c->input->traced > 0)
		compile_trace(c);
	compile_host_rights(c);
	compile_cgroup_entry(c, clone_index);
	if (c->input->exec) {
		plan_origin(builder, NULL);
		compile_entry(c, policy.joined | policy.user | policy.joined_late);
		compile_anchor(c);
	} else {
		compile_joins(c, policy.joined);
		plan_origin(builder, &c->config->mounts);
		if (c->hand)
			PLAN_ADD(builder, hand)->trees = c->config->mounts.count;
		compile_joins(c, policy.user);
	}
	compile_unshare(c, policy.unshared_first);
	compile_map(c, policy.unshared_first);
	if (!c->input->exec)
		compile_joins(c, policy.joined_late);
	compile_unshare(c, policy.unshared);
	plan_origin(builder, &c->config->mounts);
	if (c->hand)
		plan_add(builder, STEP_sources);
	if (policy.hop) {
		namespace_origin(c, CLONE_NEWPID);
		plan_add(builder, STEP_hop);
	}
	if (policy.enter_time) {
		namespace_origin(c, CLONE_NEWTIME);
		plan_add(builder, STEP_enter_time);
	}
	plan_origin(builder, NULL);
	plan_add(builder, STEP_birth);
}

/* Rules about resources, before any cgroup is made: a value that cannot be leaves no directory
 * behind. */
#include <string.h>

#include "nsexec/cleanup.h"
#include "spec/rules.h"

static const void *unified_not_file(const struct spec_config *config, const void *object)
{
	const struct string_map *unified = &((const struct spec_resources *)object)->unified;

	for (uint32_t i = 0; i < unified->count; i++) {
		const char *file = unified->items[i].key;

		if (file[0] == '\0' || file[0] == '.' || strchr(file, '/') != NULL)
			return &unified->items[i].key;
	}
	return NULL;
}

/* Files that are orders: a process is moved in, all are stopped or ended, none can live there. */
static const void *unified_order(const struct spec_config *config, const void *object)
{
	static const char *const orders[] = {"cgroup.procs", "cgroup.threads", "cgroup.freeze",
		"cgroup.kill", "cgroup.subtree_control"};
	const struct string_map *unified = &((const struct spec_resources *)object)->unified;

	for (uint32_t i = 0; i < unified->count; i++)
		for (size_t j = 0; j < array_size(orders); j++)
			if (strcmp(unified->items[i].key, orders[j]) == 0)
				return &unified->items[i].key;
	return NULL;
}

static const struct rule resources_rules[] = {
	{unified_not_file, "expected the name of a file in the cgroup, got", NULL},
	{unified_order, "expected the name of a limit, got",
		"what moves, stops or ends processes, or divides the cgroup, is none"},
};

static const void *access_letters(const struct spec_config *config, const void *object)
{
	const struct spec_device_rule *rule = object;

	return rule->access != NULL && rule->access[strspn(rule->access, "rwm")] != '\0'
		? &rule->access
		: NULL;
}

static const void *access_missing(const struct spec_config *config, const void *object)
{
	const struct spec_device_rule *rule = object;
	bool all = !rule->type.given || rule->type.value == 'a';

	return rule->access == NULL && !all ? &rule->access : NULL;
}

static const struct rule device_rule_rules[] = {
	{access_letters, "expected letters of \"rwm\", got", NULL},
	{access_missing, "a rule for one type of device needs access", "such as \"rwm\""},
};

/* swap is memory and swap together; -1 has no limit, 0 asks for none (as engines write it). */
static const void *swap_alone(const struct spec_config *config, const void *object)
{
	const struct spec_memory *memory = object;

	return memory->swap.value > 0 && memory->limit.value == 0 ? &memory->swap : NULL;
}

static const void *swap_small(const struct spec_config *config, const void *object)
{
	const struct spec_memory *memory = object;

	if (memory->swap.value <= 0 || memory->limit.value == 0)
		return NULL;
	return memory->limit.value == -1 || memory->swap.value < memory->limit.value ? &memory->swap
										     : NULL;
}

static const struct rule memory_rules[] = {
	{swap_alone, "needs a memory limit: swap counts memory and swap together", NULL},
	{swap_small, "is below the memory limit, though it counts memory and swap together", NULL},
};

static const void *burst_large(const struct spec_config *config, const void *object)
{
	const struct spec_cpu *cpu = object;

	return cpu->quota.value > 0 && cpu->burst.value > (uint64_t)cpu->quota.value ? &cpu->burst
										     : NULL;
}

static const struct rule cpu_rules[] = {
	{burst_large, "is above the quota", NULL},
};

static const void *size_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_hugepage_limit *limit = object;
	const char *size = limit->page_size;
	size_t digits = strspn(size, "0123456789");

	return digits > 0 && size[0] != '0' && size[digits] != '\0' &&
			strchr("KMG", size[digits]) != NULL && strcmp(size + digits + 1, "B") == 0
		? NULL
		: &limit->page_size;
}

static const struct rule hugepage_limit_rules[] = {
	{size_malformed, "expected a size such as 2MB, got", "a number, then KB, MB or GB"},
};

/* 0 leaves a weight as it is. */
static bool weight_bad(const struct maybe_uint *weight)
{
	return weight->value != 0 && weight->value < 10;
}

static const void *block_io_weight(const struct spec_config *config, const void *object)
{
	const struct spec_block_io *block_io = object;

	return weight_bad(&block_io->weight)         ? &block_io->weight
		: weight_bad(&block_io->leaf_weight) ? &block_io->leaf_weight
						     : NULL;
}

static const void *device_weight(const struct spec_config *config, const void *object)
{
	const struct spec_weight_device *device = object;

	return weight_bad(&device->weight)         ? &device->weight
		: weight_bad(&device->leaf_weight) ? &device->leaf_weight
						   : NULL;
}

static const void *device_weightless(const struct spec_config *config, const void *object)
{
	const struct spec_weight_device *device = object;

	return device->weight.given || device->leaf_weight.given ? NULL : device;
}

#define WEIGHT "a weight is from 10 to 1000"

static const struct rule block_io_rules[] = {
	{block_io_weight, WEIGHT, NULL},
};

static const struct rule weight_device_rules[] = {
	{device_weight, WEIGHT, NULL},
	{device_weightless, "needs weight or leafWeight", NULL},
};

static const void *rdma_limitless(const struct spec_config *config, const void *object)
{
	const struct spec_rdma *rdma = object;

	return rdma->hca_handles.given || rdma->hca_objects.given ? NULL : rdma;
}

static const struct rule rdma_rules[] = {
	{rdma_limitless, "needs hcaHandles or hcaObjects", NULL},
};

const struct rule_group rules_of_resources[] = {
	RULES(resources, resources_rules),
	RULES(device_rule, device_rule_rules),
	RULES(memory, memory_rules),
	RULES(cpu, cpu_rules),
	RULES(hugepage_limit, hugepage_limit_rules),
	RULES(block_io, block_io_rules),
	RULES(weight_device, weight_device_rules),
	RULES(rdma, rdma_rules),
	{0},
};

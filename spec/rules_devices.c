/* Rules about what the host lends: its network devices, and shares of its caches and memory buses.
 */
#include <linux/if.h>
#include <linux/sched.h>
#include <string.h>

#include "spec/rules.h"

/* ---- network devices ---- */

static const void *devices_placeless(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	return linux->net_devices.count > 0 && rule_namespace(config, CLONE_NEWNET) == NULL
		? &linux->net_devices
		: NULL;
}

/* As the kernel's dev_valid_name: no path, no blank, no colon, no "." or "..", 15 bytes at most. */
static bool interface_valid(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < IFNAMSIZ && strcmp(name, ".") != 0 &&
		strcmp(name, "..") != 0 && strcspn(name, "/: \t\n\v\f\r") == length;
}

static const void *device_nameless(const struct spec_config *config, const void *object)
{
	const struct spec_linux *linux = object;

	for (uint32_t i = 0; i < linux->net_devices.count; i++) {
		const char *const *name = &linux->net_devices.items[i].key;

		if (!interface_valid(*name) || strchr(*name, '%') != NULL)
			return name;
	}
	return NULL;
}

/* The name that a device gets inside: its address, and in *inside the string. */
static const void *device_name(const struct spec_net_device_entry *entry, const char **inside)
{
	*inside = entry->value.name != NULL ? entry->value.name : entry->key;
	return entry->value.name != NULL ? &entry->value.name : &entry->key;
}

static const void *device_twice(const struct spec_config *config, const void *object)
{
	const struct spec_net_device_map *map = &((const struct spec_linux *)object)->net_devices;
	const char *name, *other;

	for (uint32_t i = 0; i < map->count; i++) {
		const void *address = device_name(&map->items[i], &name);

		for (uint32_t j = 0; j < i && strchr(name, '%') == NULL; j++) {
			device_name(&map->items[j], &other);
			if (strcmp(name, other) == 0)
				return address;
		}
	}
	return NULL;
}

static const struct rule linux_rules[] = {
	{devices_placeless, "needs a network namespace to move the devices to",
		"add {\"type\": \"network\"} to /linux/namespaces"},
	{device_nameless, "expected the name of a network device, got", NULL},
	{device_twice, "two devices would have the same name, got", NULL},
};

static const void *template_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_net_device *device = object;
	const char *percent = device->name == NULL ? NULL : strchr(device->name, '%');

	if (device->name == NULL)
		return NULL;
	return interface_valid(device->name) &&
			(percent == NULL || (percent[1] == 'd' && strchr(percent + 1, '%') == NULL))
		? NULL
		: &device->name;
}

static const struct rule device_rules[] = {
	{template_malformed,
		"expected the name of a network device, with %d at most once for a number, got",
		NULL},
};

/* ---- cache and memory bandwidth ---- */

static const void *group_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_intel_rdt *rdt = object;
	const char *name = rdt->clos_id;

	if (name == NULL || strcmp(name, "/") == 0)
		return NULL;
	return strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0
		? &rdt->clos_id
		: NULL;
}

static const void *cache_broken(const struct spec_config *config, const void *object)
{
	const struct spec_intel_rdt *rdt = object;

	return rdt->l3_cache_schema != NULL && strchr(rdt->l3_cache_schema, '\n') != NULL
		? &rdt->l3_cache_schema
		: NULL;
}

static const void *bandwidth_malformed(const struct spec_config *config, const void *object)
{
	const struct spec_intel_rdt *rdt = object;
	const char *schema = rdt->mem_bw_schema;

	return schema != NULL && (strncmp(schema, "MB:", 3) != 0 || strchr(schema, '\n') != NULL)
		? &rdt->mem_bw_schema
		: NULL;
}

static const void *schemata_broken(const struct spec_config *config, const void *object)
{
	const struct spec_intel_rdt *rdt = object;

	for (uint32_t i = 0; i < rdt->schemata.count; i++)
		if (strchr(rdt->schemata.items[i], '\n') != NULL)
			return &rdt->schemata.items[i];
	return NULL;
}

static const struct rule rdt_rules[] = {
	{group_malformed, "expected the name of a group, or / for the root group, got", NULL},
	{cache_broken, "expected one line, got", NULL},
	{bandwidth_malformed, "expected one line that begins with MB:, got", NULL},
	{schemata_broken, "expected one line, got", NULL},
};

const struct rule_group rules_of_devices[] = {
	RULES(linux, linux_rules),
	RULES(net_device, device_rules),
	RULES(intel_rdt, rdt_rules),
	{0},
};

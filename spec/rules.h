/*
 * The rules that join properties, or that no type and range can say: rows, one group per object of
 * config.def (rules_*.c). A row is broken by an address inside its object: that is where the error
 * points.
 */
#pragma once

#include "spec/config.h"
#include "spec/names.h"

/* object: the structure that the group is for; config: the whole, NULL when a process is read
 * alone. NULL: kept. */
typedef const void *(*rule_broken)(const struct spec_config *config, const void *object);

/* A message that ends with "got" is about a string, and completed with it: the address is that of
 * its pointer. One with words is about a word of that set, and completed with it: the address is
 * that of its struct maybe_int. */
struct rule {
	rule_broken broken;
	const char *message;
	const char *hint; /* or NULL */
	const struct name_set *words;
};

struct rule_group {
	const struct table *table;
	uint32_t count;
	const struct rule *rules;
};

#define RULES(object, rows) \
	{ \
		&spec_##object##_table, sizeof(rows) / sizeof((rows)[0]), rows \
	}

/* Each ends with an empty group. */
extern const struct rule_group rules_of_config[], rules_of_devices[], rules_of_linux[],
	rules_of_mappings[], rules_of_process[], rules_of_resources[], rules_of_seccomp[];

/* The namespace entry of this type, or NULL. */
const struct spec_namespace *rule_namespace(const struct spec_config *config, int64_t type);

/* True for a list such as "0-3, 7" that names at least one number, each below limit. */
bool rule_list_valid(const char *list, unsigned long limit);

/*
 * Checks an object and everything that hangs on it. Returns 0, or -EINVAL with err filled:
 * ERROR_CONFIG_RULE, pointer, value.
 */
int rules_check(const struct table *table, const void *object, const struct spec_config *config,
	struct error *err);

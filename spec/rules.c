/*
 * What types and ranges cannot say. Each rule is a row; the walk over the tables finds every object
 * that a group is for, wherever it hangs, so a rule about id mappings is written once for all five
 * lists of them.
 */
#include "spec/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nsexec/cleanup.h"

const struct spec_namespace *rule_namespace(const struct spec_config *config, int64_t type)
{
	const struct spec_namespace_list *list;

	if (config->linux == NULL)
		return NULL;
	list = &config->linux->namespaces;
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i].type.value == type)
			return &list->items[i];
	return NULL;
}

/* Reads one number below limit; NULL when there is none. */
static const char *number_read(const char *text, unsigned long limit, unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno == 0 && *number < limit ? end : NULL;
}

bool rule_list_valid(const char *list, unsigned long limit)
{
	for (;;) {
		unsigned long first, last;

		list = number_read(list + strspn(list, " "), limit, &first);
		last = first;
		if (list != NULL && *list == '-')
			list = number_read(list + 1, limit, &last);
		if (list == NULL || last < first)
			return false;
		list += strspn(list, " ");
		if (*list == '\0')
			return true;
		if (*list++ != ',')
			return false;
	}
}

struct check {
	const struct table *table;
	const void *object;
	const struct spec_config *config;
	struct error *err;
};

/* What a message is completed with, or NULL. */
static const char *rule_value(const struct rule *rule, const void *address)
{
	size_t length = strlen(rule->message);

	if (rule->words != NULL)
		return names_word(rule->words, ((const struct maybe_int *)address)->value);
	if (length > 3 && strcmp(rule->message + length - 3, "got") == 0)
		return *(const char *const *)address;
	return NULL;
}

static int rule_fail(const struct check *check, const struct rule *rule, const void *address)
{
	const char *value = rule_value(rule, address);
	char pointer[256];

	if (value != NULL) {
		error_set(check->err, ERROR_CONFIG_RULE, EINVAL, "%s \"%.80s\"", rule->message,
			value);
		error_value(check->err, "%s", value);
	} else {
		error_set(check->err, ERROR_CONFIG_RULE, EINVAL, "%s", rule->message);
	}
	table_pointer(check->table, check->object, address, pointer, sizeof(pointer));
	error_pointer(check->err, "%s", pointer);
	if (rule->hint != NULL)
		error_hint(check->err, "%s", rule->hint);
	return -EINVAL;
}

static int object_check(void *context, const struct table *table, const void *object)
{
	static const struct rule_group *const all[] = {rules_of_config, rules_of_devices,
		rules_of_linux, rules_of_mappings, rules_of_process, rules_of_resources,
		rules_of_seccomp};
	const struct check *check = context;

	for (size_t i = 0; i < array_size(all); i++) {
		for (const struct rule_group *group = all[i]; group->table != NULL; group++) {
			for (uint32_t j = 0; group->table == table && j < group->count; j++) {
				const struct rule *rule = &group->rules[j];
				const void *address = rule->broken(check->config, object);

				if (address != NULL)
					return rule_fail(check, rule, address);
			}
		}
	}
	return 0;
}

int rules_check(const struct table *table, const void *object, const struct spec_config *config,
	struct error *err)
{
	struct check check = {table, object, config, err};

	return table_each(table, object, object_check, &check);
}

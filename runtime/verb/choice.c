/*
 * Engines say the same thing in the words of different runtimes: --systemd-cgroup is runc's,
 * --cgroup-manager crun's. Both end here.
 */
#include <errno.h>
#include <string.h>

#include "runtime/verb/choice.h"
#include "spec/names.h"

static const struct name driver_names[] = {
	{"cgroupfs", CGROUP_CGROUPFS},
	{"disabled", CGROUP_DISABLED},
	{"systemd", CGROUP_SYSTEMD},
};
static const struct name_set driver_set = {"cgroup manager", 3, driver_names};

static int word_unknown(
	const struct command *command, enum option_id id, const char *words, struct error *err)
{
	return error_set(err, ERROR_USAGE, EINVAL, "unknown value \"%s\" for flag -%s: it is %s",
		command->value[id], option_rows[id].name, words);
}

int cgroup_driver_choose(
	const struct command *command, enum cgroup_driver *driver, struct error *err)
{
	const char *word = command->value[OPTION_cgroup_manager];
	bool systemd = command->given[OPTION_systemd_cgroup];
	const struct name *name = word ? names_find(&driver_set, word) : NULL;

	*driver = systemd ? CGROUP_SYSTEMD : CGROUP_CGROUPFS;
	if (!word)
		return 0;
	if (!name)
		return word_unknown(
			command, OPTION_cgroup_manager, "cgroupfs, systemd or disabled", err);
	if (systemd && name->value != CGROUP_SYSTEMD)
		return error_set(err, ERROR_USAGE, EINVAL,
			"--systemd-cgroup contradicts --cgroup-manager %s", word);
	*driver = (enum cgroup_driver)name->value;
	return 0;
}

int rootless_choose(const struct command *command, bool *lenient, struct error *err)
{
	const char *word = command->value[OPTION_rootless];

	if (!word || strcmp(word, "auto") == 0)
		return 0;
	*lenient = strcmp(word, "true") == 0;
	if (!*lenient && strcmp(word, "false") != 0)
		return word_unknown(command, OPTION_rootless, "true, false or auto", err);
	return 0;
}

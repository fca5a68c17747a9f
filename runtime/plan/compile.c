/*
 * The order of a container's life, as two lists: what it takes to make one, and what it takes to
 * enter one. Each part adds its steps, in the order in which steps.def describes them, and says
 * nothing about the parts before and after it. Nothing here asks the system anything: what the host
 * is like comes in as data, so the same configuration gives the same plan, on any machine.
 */
#include "runtime/plan/compile.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/plan/compile_parts.h"
#include "spec/arena.h"
#include "spec/names.h"

static void (*const making[])(struct compile *) = {
	compile_cgroup,
	compile_resctrl,
	compile_birth,
	compile_identity,
	compile_root,
	compile_mounts,
	compile_devices,
	compile_net_devices,
	compile_create_hooks,
	compile_console,
	compile_sysctl,
	compile_pivot,
	compile_scheduling,
	compile_user,
	compile_capabilities,
	compile_program,
	compile_handover,
	compile_privileges,
	compile_exec,
};

static void (*const entering[])(struct compile *) = {
	compile_birth,
	compile_identity,
	compile_console,
	compile_scheduling,
	compile_user,
	compile_capabilities,
	compile_program,
	compile_handover,
	compile_privileges,
	compile_exec,
};

const struct spec_namespace *compile_namespace(const struct compile *c, uint32_t type)
{
	for (uint32_t i = 0; i < c->linux->namespaces.count; i++)
		if ((uint32_t)c->linux->namespaces.items[i].type.value == type)
			return &c->linux->namespaces.items[i];
	return NULL;
}

const char *compile_text(struct compile *c, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_format_list(c->builder.arena, format, arguments);
	va_end(arguments);
	if (text != NULL)
		return text;
	plan_refuse(&c->builder, NULL, ERROR_SYSTEM, ENOMEM, "no memory for the plan");
	return "";
}

void *compile_alloc(struct compile *c, size_t size)
{
	void *bytes = arena_alloc(c->builder.arena, size);

	if (bytes == NULL)
		plan_refuse(&c->builder, NULL, ERROR_SYSTEM, ENOMEM, "no memory for the plan");
	return bytes;
}

/* Sorts the namespaces into those that are made and those that are joined. */
static void compile_namespaces(struct compile *c)
{
	c->joined = c->input->exec_namespaces;
	for (uint32_t i = 0; !c->input->exec && i < c->linux->namespaces.count; i++) {
		const struct spec_namespace *namespace = &c->linux->namespaces.items[i];

		if (namespace->path == NULL)
			c->made |= (uint32_t) namespace->type.value;
		else
			c->joined |= (uint32_t) namespace->type.value;
	}
	c->mapped = (c->made | c->joined) & CLONE_NEWUSER;
}

/* True for a bind mount, and not for new options of one. */
static bool is_new_bind(const struct spec_mount *mount)
{
	uint64_t extras = 0;

	for (uint32_t i = 0; i < mount->options.count; i++) {
		const struct mount_option *option = mount_option_find(mount->options.items[i]);

		if (option != NULL && option->kind == MOUNT_OPTION_EXTRA)
			extras |= option->set;
	}
	return (extras & (PLAN_MOUNT_BIND | PLAN_MOUNT_REMOUNT)) == PLAN_MOUNT_BIND;
}

bool compile_is_dev(const char *path)
{
	return strcmp(path, "/dev") == 0 || strcmp(path, "/dev/") == 0;
}

/* What lies on the host may be out of reach for who is in a user namespace. */
static bool needs_hand(const struct compile *c)
{
	if (!c->input->privileged || c->input->exec || !c->mapped || !(c->made & CLONE_NEWNS))
		return false;
	for (uint32_t i = 0; i < c->config->mounts.count; i++)
		if (is_new_bind(&c->config->mounts.items[i]))
			return true;
	return false;
}

int plan_compile(const struct compile_input *input, struct arena *arena, struct compiled *compiled,
	struct error *err)
{
	static const struct spec_linux no_linux;
	const struct spec_config *config = &input->spec->config;
	void (*const *parts)(struct compile *) = input->exec ? entering : making;
	size_t count = input->exec ? array_size(entering) : array_size(making);
	struct compile c = {
		.input = input,
		.config = config,
		.linux = config->linux != NULL ? config->linux : &no_linux,
		.process = input->process,
	};
	int failed = plan_begin(&c.builder, arena, err);

	if (failed < 0)
		return failed;
	c.builder.spec = input->spec;
	c.builder.process = input->process;
	c.builder.warnings = input->warnings;
	compile_namespaces(&c);
	c.hand = needs_hand(&c);
	for (uint32_t i = 0; i < config->mounts.count; i++)
		c.host_dev |= compile_is_dev(config->mounts.items[i].destination) &&
			is_new_bind(&config->mounts.items[i]);
	for (size_t i = 0; i < count && c.builder.failed == 0; i++) {
		plan_origin(&c.builder, NULL);
		parts[i](&c);
	}
	failed = plan_finish(&c.builder, compiled);
	if (failed == 0)
		compiled->process = input->process;
	return failed;
}

/*
 * The moments at which others do their part. Network devices, prestart and createRuntime are the
 * host's: it acts while the gate waits at the barrier. createContainer and startContainer are run
 * by the gate, so everything that they get travels with the plan: the state document too, in two
 * halves around the pid, which only the gate knows as it is seen inside.
 */
#include "runtime/hooks.h"
#include "runtime/plan/compile_parts.h"
#include "runtime/trace.h"

void compile_hook_list(struct compile *c, const struct spec_hook_list *list, enum status status,
	const struct string_list *environment)
{
	const struct spec_record record = {
		.id = c->input->id,
		.bundle = c->input->bundle,
		.annotations = c->config->annotations,
	};
	struct plan_builder *builder = &c->builder;
	struct state_document document;
	struct step_hook hook = {0};
	int failed;

	if (list->count == 0)
		return;
	failed = state_document(&record, status, builder->arena, &document, builder->err);
	if (failed < 0) {
		builder->failed = builder->failed != 0 ? builder->failed : failed;
		return;
	}
	hook.head = plan_copy(builder, document.head);
	hook.tail = plan_copy(builder, document.tail);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct spec_hook *listed = &list->items[i];
		const struct string_list named = {
			.count = 1, .items = (const char **)&listed->path};
		struct string_list env;

		plan_origin(builder, listed);
		hook.path = plan_copy(builder, listed->path);
		hook.args =
			plan_copy_list(builder, listed->args.count > 0 ? &listed->args : &named);
		hook.inherits = !listed->env.given && environment == NULL;
		env = trace_environment(
			listed->env.given || hook.inherits ? &listed->env : environment,
			builder->arena);
		hook.env = plan_copy_list(builder, &env);
		hook.timeout = listed->timeout.value;
		*PLAN_ADD(builder, hook) = hook;
	}
}

/* The caller's environment as a list. */
static struct string_list caller_environment(const struct compile *c)
{
	struct string_list list = {.items = (const char **)c->input->environment};

	while (list.items != NULL && list.items[list.count] != NULL)
		list.count++;
	return list;
}

void compile_net_devices(struct compile *c)
{
	for (uint32_t i = 0; i < c->linux->net_devices.count; i++) {
		const struct spec_net_device_entry *pair = &c->linux->net_devices.items[i];
		plan_text name, wanted;
		struct step_net_device *device;

		plan_origin(&c->builder, &pair->key);
		name = plan_copy(&c->builder, pair->key);
		wanted = plan_copy(&c->builder, pair->value.name);
		device = PLAN_ADD(&c->builder, net_device);
		device->name = name;
		device->wanted = wanted;
	}
}

void compile_create_hooks(struct compile *c)
{
	const struct spec_hooks *hooks = c->config->hooks;
	struct string_list environment = caller_environment(c);
	bool any = hooks != NULL && (hooks->prestart.count > 0 || hooks->create_runtime.count > 0);

	if (any || c->linux->net_devices.count > 0) {
		plan_origin(&c->builder, any ? (const void *)hooks : &c->linux->net_devices);
		plan_add(&c->builder, STEP_hooks);
	}
	if (hooks == NULL)
		return;
	compile_hook_list(c, &hooks->create_container, STATUS_CREATING, &environment);
}

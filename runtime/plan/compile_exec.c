/*
 * The program itself: what it is called with, the moment at which the container is handed over, and
 * the exec. What comes between the handover and the exec happens at start.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/plan/compile_parts.h"

/* One entry of the environment: the length of its name, and its place in the list. */
struct variable {
	const char *entry;
	size_t length;
	uint32_t index;
};

/* Same names stand together, the one that was given last first. */
static int variable_compare(const void *a, const void *b)
{
	const struct variable *left = a, *right = b;
	size_t length = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->entry, right->entry, length);

	if (order != 0)
		return order;
	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	return left->index > right->index ? -1 : 1;
}

/*
 * The environment with each name once: the last one given wins. A C library would take the first,
 * and the user who adds an entry at the end means it. An empty HOME is none: the image's is found.
 */
static struct string_list environment_once(struct compile *c, const struct string_list *env)
{
	struct string_list once = {0};
	struct variable *variables = compile_alloc(c, env->count * sizeof(*variables) + 1);

	once.items = compile_alloc(c, env->count * sizeof(*once.items) + 1);
	if (variables == NULL || once.items == NULL)
		return once;
	for (uint32_t i = 0; i < env->count; i++)
		variables[i] = (struct variable){
			.entry = env->items[i], .length = strcspn(env->items[i], "="), .index = i};
	qsort(variables, env->count, sizeof(*variables), variable_compare);
	for (uint32_t i = 0; i < env->count; i++)
		if (i == 0 || variables[i].length != variables[i - 1].length ||
			memcmp(variables[i].entry, variables[i - 1].entry, variables[i].length) !=
				0)
			once.items[variables[i].index] = variables[i].entry;
	for (uint32_t i = 0; i < env->count; i++)
		if (once.items[i] != NULL && strcmp(once.items[i], "HOME=") != 0)
			once.items[once.count++] = once.items[i];
	return once;
}

static bool environment_has(const struct string_list *env, const char *name)
{
	size_t length = strlen(name);

	for (uint32_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], name, length) == 0 && env->items[i][length] == '=')
			return true;
	return false;
}

void compile_program(struct compile *c)
{
	const struct spec_process *process = c->process;
	struct step_program *program;
	struct string_list env;
	plan_list args, variables;
	int64_t uid;

	if (process == NULL) {
		if (!c->input->door)
			plan_refuse(&c->builder, NULL, ERROR_CONFIG_MISSING, EINVAL,
				"there is no process to run");
		return;
	}
	plan_origin(&c->builder, &process->args);
	env = environment_once(c, &process->env);
	args = plan_copy_list(&c->builder, &process->args);
	variables = plan_copy_list(&c->builder, &env);
	uid = process->user != NULL ? (int64_t)process->user->uid.value : 0;
	program = PLAN_ADD(&c->builder, program);
	program->args = args;
	program->env = variables;
	program->overrides = (c->sets.final.effective & 1ULL << CAP_DAC_OVERRIDE) != 0;
	program->home_uid = environment_has(&env, "HOME") ? -1 : uid;
}

void compile_handover(struct compile *c)
{
	const struct spec_hooks *hooks = c->config->hooks;
	int32_t listener;

	PLAN_ADD(&c->builder, ready)->mortal = c->input->lent;
	if (c->input->door) {
		listener = plan_add_slot(&c->builder, SLOT_DOOR, NULL);
		PLAN_ADD(&c->builder, door)->listener = listener;
	}
	if (c->process != NULL && hooks != NULL && !c->input->exec)
		compile_hook_list(c, &hooks->start_container, STATUS_CREATED, NULL);
}

void compile_exec(struct compile *c)
{
	if (c->process == NULL)
		return;
	plan_origin(&c->builder, &c->process->args);
	PLAN_ADD(&c->builder, exec)->preserve = c->input->preserve_fds;
}

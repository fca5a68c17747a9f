/*
 * What a process has before it has any files: a session of its own (CVE-2017-5226: without one it
 * could push input into the caller's terminal), a keyring of its own, a network that can at least
 * talk to itself, a name. And the resctrl group, which the host makes before all that.
 */
#include <errno.h>
#include <linux/sched.h>

#include "runtime/plan/compile_parts.h"

void compile_resctrl(struct compile *c)
{
	const struct spec_intel_rdt *rdt = c->linux->intel_rdt;
	struct step_resctrl *resctrl;
	const char *lines;
	plan_text path, schemata;

	if (c->input->resctrl.group == NULL)
		return;
	plan_origin(&c->builder, &c->linux->intel_rdt);
	lines = resctrl_lines(c->builder.arena, rdt);
	path = plan_copy(&c->builder, c->input->resctrl.group);
	schemata = plan_copy(&c->builder, lines);
	resctrl = PLAN_ADD(&c->builder, resctrl);
	resctrl->path = path;
	resctrl->schemata = schemata;
	resctrl->create = rdt->clos_id == NULL || lines != NULL;
	if (c->input->resctrl.monitor == NULL)
		return;
	plan_origin(&c->builder, &rdt->enable_monitoring);
	path = plan_copy(&c->builder, c->input->resctrl.monitor);
	PLAN_ADD(&c->builder, monitor)->path = path;
}

static void compile_keyring(struct compile *c)
{
	const struct spec_process *process = c->process;
	plan_text name, label;
	struct step_keyring *keyring;

	if (c->input->no_new_keyring)
		return;
	name = plan_copyf(&c->builder, "_ses.%s", c->input->id);
	label = plan_copy(&c->builder, process != NULL ? process->selinux_label : NULL);
	/* What the kernel may not like about it is the label. */
	plan_origin(&c->builder,
		process != NULL && process->selinux_label != NULL ? &process->selinux_label : NULL);
	keyring = PLAN_ADD(&c->builder, keyring);
	keyring->name = name;
	keyring->label = label;
	plan_origin(&c->builder, NULL);
}

void compile_identity(struct compile *c)
{
	struct plan_builder *builder = &c->builder;
	plan_text name;

	plan_add(builder, STEP_session);
	compile_keyring(c);
	if (c->made & CLONE_NEWNET) {
		plan_origin(builder, compile_namespace(c, CLONE_NEWNET));
		plan_add(builder, STEP_loopback);
	}
	if (c->input->exec)
		return;
	if (c->config->hostname != NULL) {
		plan_origin(builder, &c->config->hostname);
		name = plan_copy(builder, c->config->hostname);
		PLAN_ADD(builder, hostname)->name = name;
	}
	if (c->config->domainname != NULL) {
		plan_origin(builder, &c->config->domainname);
		name = plan_copy(builder, c->config->domainname);
		PLAN_ADD(builder, domainname)->name = name;
	}
}

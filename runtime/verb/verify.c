/*
 * verify: the plan is compiled anew from what the container was made of, and each step that leaves
 * a trace is read back from the kernel. What is not in force is told with the place that asked for
 * it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/finding.h"
#include "runtime/listing.h"
#include "runtime/plan/fields.h"
#include "runtime/short_id.h"
#include "runtime/verb/verbs.h"
#include "runtime/verify.h"
#include "state/life.h"

#define SCHEMA "mydocker.verify/1"

struct verify {
	struct existing existing;
	struct compiled compiled;
	struct evidence evidence;
	struct findings findings;
	uint32_t verified;
};

/* A whole file of /proc/PID, in arena. */
static const char *file_load(pid_t pid, const char *name, struct arena *arena)
{
	char path[64];
	auto_fd int fd = -1;
	size_t size = 256 * 1024, length = 0;
	char *text = arena_alloc(arena, size);
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && text && length + 1 < size &&
		(got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	return length > 0 ? text : NULL; /* what the arena gives is zeroed */
}

static int evidence_gather(struct verify *verify, int init, struct error *err)
{
	struct evidence *evidence = &verify->evidence;
	struct arena *arena = &verify->existing.spec.arena;
	char path[64];

	evidence->plan = verify->compiled.plan;
	evidence->pid = (pid_t)verify->existing.record.init.value;
	snprintf(path, sizeof(path), "/proc/%d/root", evidence->pid);
	evidence->root = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	evidence->status = file_load(evidence->pid, "status", arena);
	evidence->mounts = file_load(evidence->pid, "mountinfo", arena);
	if (evidence->root < 0 || !evidence->status || !evidence->mounts)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	return 0;
}

static const struct verifier *verifier_find(const struct verifier *rows, enum step_kind kind)
{
	for (; rows->holds; rows++)
		if (rows->kind == kind)
			return rows;
	return NULL;
}

static void step_verify(struct verify *verify, uint32_t index, bool inside)
{
	const struct compiled *compiled = &verify->compiled;
	const struct plan_step *step = &plan_steps(compiled->plan)[index];
	const struct verifier *verifier = verifier_find(verifiers_of_mounts, step->kind);
	char found[300] = "", subject[256], pointer[256], text[700];

	if (!verifier)
		verifier = verifier_find(verifiers_of_process, step->kind);
	if (!verifier || verifier->inside != inside)
		return;
	verify->verified++;
	if (verifier->holds(
		    &verify->evidence, plan_arguments(compiled->plan, step), found, sizeof(found)))
		return;
	plan_subject(compiled->plan, step, subject, sizeof(subject));
	plan_pointer(&verify->existing.spec, NULL, compiled->origins[index].address, pointer,
		sizeof(pointer));
	snprintf(text, sizeof(text), "%s%s%s: %s", plan_kinds[step->kind].name, *subject ? " " : "",
		subject, found);
	finding_add(&verify->findings, SEVERITY_ERROR, pointer, text, NULL);
}

static void steps_verify(struct verify *verify, bool inside)
{
	for (uint32_t i = 0; i < verify->compiled.plan->step_count; i++)
		step_verify(verify, i, inside);
}

static int verify_compile(struct verify *verify, struct error *err)
{
	struct compile_input input;
	int result = existing_read_spec(&verify->existing, err);

	if (result == 0)
		result = existing_input(&verify->existing, &input, err);
	if (result == 0)
		result = plan_compile(&input, &verify->existing.spec.arena, &verify->compiled, err);
	return result;
}

static int verify_run(struct verify *verify, struct error *err)
{
	const struct spec_record *record = &verify->existing.record;
	auto_fd int init = process_open((pid_t)record->init.value, record->init_start.value);
	enum status status = status_derive(record);
	char text[64];
	int result;

	if (init < 0 || status == STATUS_CREATING || status == STATUS_CREATED)
		return error_set(err, ERROR_STATUS, ESRCH, "container not running");
	result = verify_compile(verify, err);
	if (result == 0)
		result = evidence_gather(verify, init, err);
	if (result < 0)
		return result;
	steps_verify(verify, false);
	/* what belongs to a namespace is asked from inside: we end soon */
	if (setns(init, CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWIPC) == 0)
		steps_verify(verify, true);
	snprintf(text, sizeof(text), "%u steps are in force", verify->verified);
	if (verify->findings.count == 0)
		finding_add(&verify->findings, SEVERITY_GOOD, "", text, NULL);
	return 0;
}

int verb_verify(const struct command *command, struct error *err)
{
	struct verify verify = {.existing = EXISTING_NONE, .evidence = {.root = -1}};
	int json = listing_is_json(command, err);
	int result = json < 0 ? json
			      : existing_find(&verify.existing, command->value[OPTION_root],
					command->argv[0], 0, err);

	if (result == 0)
		result = verify_run(&verify, err);
	if (result == 0)
		result = findings_print(&verify.findings, SCHEMA, json > 0, err);
	existing_free(&verify.existing);
	return result == 0 && findings_count(&verify.findings, SEVERITY_ERROR) ? 1 : result;
}

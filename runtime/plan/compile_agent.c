/*
 * The container process state (runtime-spec, "The Container Process State"): what the seccomp agent
 * at listenerPath reads beside the notify descriptor. The gate fills in the pid that the host gives
 * it, in two places for the container's first process; for a process of exec, the state's pid is
 * the first one's and known.
 */
#include <errno.h>
#include <string.h>

#include "runtime/hooks.h"
#include "runtime/plan/compile_parts.h"
#include "spec/json.h"

/* The document without its state, its pid and its last brace. */
static const char *process_head(struct compile *c, const struct spec_seccomp *seccomp)
{
	struct json_writer writer;
	const char *text;
	size_t length;

	json_begin(&writer, c->builder.arena, 0);
	json_object(&writer);
	json_member_string(&writer, "ociVersion", SPEC_VERSION);
	json_key(&writer, "fds");
	json_array(&writer);
	json_string(&writer, "seccompFd");
	json_array_end(&writer);
	json_member_string(&writer, "metadata", seccomp->listener_metadata);
	json_object_end(&writer);
	text = json_finish(&writer, &length, c->builder.err);
	if (text == NULL)
		c->builder.failed = c->builder.failed != 0 ? c->builder.failed : -ENOMEM;
	return text == NULL ? "" : compile_text(c, "%.*s", (int)length - 1, text);
}

void compile_agent(struct compile *c, const struct spec_seccomp *seccomp, struct step_seccomp *step)
{
	const struct spec_record record = {
		.id = c->input->id,
		.bundle = c->input->bundle,
		.annotations = c->config->annotations,
	};
	enum status status = c->input->exec ? STATUS_RUNNING : STATUS_CREATING;
	struct state_document document;
	const char *parts[3], *tail;
	struct string_list list = {.items = parts};
	int failed;

	failed = state_document(&record, status, c->builder.arena, &document, c->builder.err);
	if (failed < 0) {
		c->builder.failed = c->builder.failed != 0 ? c->builder.failed : failed;
		return;
	}
	tail = compile_text(c, "%.*s", (int)strcspn(document.tail, "\n"), document.tail);
	parts[0] = compile_text(c, "%s,\"state\":%s", process_head(c, seccomp), document.head);
	if (c->input->exec)
		parts[0] = compile_text(
			c, "%s%lld%s,\"pid\":", parts[0], (long long)c->input->init, tail);
	else
		parts[++list.count] = compile_text(c, "%s,\"pid\":", tail);
	parts[++list.count] = "}";
	list.count++;
	step->listener = plan_copy(&c->builder, seccomp->listener_path);
	step->state = plan_copy_list(&c->builder, &list);
}

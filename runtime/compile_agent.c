/*
 * The container process state (runtime-spec, "The Container Process State"): what the seccomp agent
 * at listenerPath reads beside the notify descriptor. It travels in two halves around the pid,
 * which the gate fills in; a document of its own, with the names of the specification.
 */
#include <errno.h>

#include "runtime/compile_parts.h"
#include "spec/json.h"

void compile_agent(struct compile *c, const struct spec_seccomp *seccomp, struct step_seccomp *step)
{
	struct json_writer writer;
	const char *text;
	size_t length;

	json_begin(&writer, c->builder.arena, 0);
	json_object(&writer);
	json_member_string(&writer, "ociVersion", "1.3.0");
	json_key(&writer, "fds");
	json_array(&writer);
	json_string(&writer, "seccompFd");
	json_array_end(&writer);
	json_member_string(&writer, "metadata", seccomp->listener_metadata);
	json_key(&writer, "state");
	json_object(&writer);
	json_member_string(&writer, "ociVersion", "1.3.0");
	json_member_string(&writer, "id", c->input->id);
	json_member_string(&writer, "status", c->input->exec ? "running" : "creating");
	json_member_string(&writer, "bundle", c->input->bundle);
	json_object_end(&writer);
	json_object_end(&writer);
	text = json_finish(&writer, &length, c->builder.err);
	if (text == NULL) {
		c->builder.failed = c->builder.failed != 0 ? c->builder.failed : -ENOMEM;
		return;
	}
	step->listener = plan_copy(&c->builder, seccomp->listener_path);
	step->head = plan_copyf(&c->builder, "%.*s,\"pid\":", (int)length - 1, text);
	step->tail = plan_copy(&c->builder, "}\n");
}

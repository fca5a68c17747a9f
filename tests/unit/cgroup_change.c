/* Updates as the pure functions see them: what is joined with what is in force, and in which order
 * it is written. */
#include <string.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/plan/compile.h"
#include "tests/unit/tap.h"

static struct arena arena;

static const struct cgroup_hierarchy v1_list[] = {
	{"/c/cpu", "cpu,cpuacct", "/", false},
	{"/c/memory", "memory", "/", false},
	{"/c/blkio", "blkio", "/", false},
	{"/c/devices", "devices", "/", false},
};
static const struct cgroup_host v1 = {CGROUP_V1, 4, v1_list, ""};

static struct spec_resources decode(const char *json)
{
	struct spec_resources resources;
	struct error err = {0};

	if (table_decode(
		    &spec_resources_table, &resources, json, strlen(json), &arena, NULL, &err) < 0)
		is_string(err.message, "", "it decodes");
	return resources;
}

/* "FILE=VALUE" of each limit step. */
static const char *steps_text(const struct plan *plan)
{
	const char *text = "";

	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const struct step_limit *limit = plan_arguments(plan, step);

		if (step->kind == STEP_limit)
			text = arena_format(&arena, "%s%s%s=%s", text, text[0] ? "; " : "",
				plan_string(plan, limit->file), plan_string(plan, limit->value));
	}
	return text;
}

static const char *change_text(const char *before, const char *wish)
{
	struct spec_resources previous = decode(before), asked = decode(wish), merged;
	struct cgroup_change change = {&previous, &asked};
	struct plan_builder builder;
	struct compiled compiled;
	struct cgroup_place place;
	struct error err = {0};

	cgroup_place(&v1, CGROUP_CGROUPFS, "/ctr", "id", &arena, &place, &err);
	plan_begin(&builder, &arena, &err);
	if (cgroup_merge(&previous, &asked, &arena, &merged) < 0 ||
		cgroup_compile_change(&builder, &v1, &place, &merged, &change) < 0)
		return arena_format(&arena, "%s", err.message);
	plan_finish(&builder, &compiled);
	return steps_text(compiled.plan);
}

static const struct {
	const char *title, *before, *wish, *steps;
} cases[] = {
	{"zeros change nothing", "{\"memory\":{\"limit\":64},\"cpu\":{\"shares\":512}}",
		"{\"memory\":{\"limit\":0,\"reservation\":0,\"kernel\":0},"
		"\"cpu\":{\"shares\":0,\"quota\":0,\"period\":0},\"blockIO\":{\"weight\":0}}",
		""},
	{"a limit that rises above memory and swap comes after them",
		"{\"memory\":{\"limit\":64,\"swap\":128}}",
		"{\"memory\":{\"limit\":256,\"swap\":512}}",
		"memory.memsw.limit_in_bytes=512; memory.limit_in_bytes=256; "
		"memory.memsw.limit_in_bytes=512"},
	{"and comes before them otherwise", "{\"memory\":{\"limit\":256,\"swap\":512}}",
		"{\"memory\":{\"limit\":64,\"swap\":128}}",
		"memory.limit_in_bytes=64; memory.memsw.limit_in_bytes=128"},
	{"without a limit of memory there is none of swap",
		"{\"memory\":{\"limit\":64,\"swap\":128}}", "{\"memory\":{\"limit\":-1}}",
		"memory.memsw.limit_in_bytes|=-1; memory.limit_in_bytes=-1; "
		"memory.memsw.limit_in_bytes|=-1"},
	{"a burst is lowered before the quota, a quota before a shorter period",
		"{\"cpu\":{\"quota\":50000,\"period\":100000,\"burst\":40000}}",
		"{\"cpu\":{\"quota\":20000,\"period\":40000,\"burst\":10000}}",
		"cpu.cfs_burst_us=10000; cpu.cfs_quota_us=20000; cpu.cfs_period_us=40000; "
		"cpu.cfs_quota_us=20000; cpu.cfs_burst_us=10000"},
	{"an idle cgroup takes its shares when it wakes", "{\"cpu\":{\"shares\":512,\"idle\":1}}",
		"{\"cpu\":{\"idle\":0}}", "cpu.idle=0; cpu.shares=512"},
	{"and none meanwhile", "{\"cpu\":{\"shares\":512,\"idle\":1}}",
		"{\"cpu\":{\"quota\":50000}}", "cpu.idle=1; cpu.cfs_quota_us=50000"},
	{"an entry of a list replaces the one for the same disk",
		"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},"
		"{\"major\":8,\"minor\":16,\"rate\":2}]}}",
		"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":9}]}}",
		"blkio.throttle.read_bps_device=8:16 2; blkio.throttle.read_bps_device=8:0 9"},
	{"devices of v1 are changed only where they differ",
		"{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":10,"
		"\"minor\":200,\"access\":\"rw\"}]}",
		"{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":10,"
		"\"minor\":229,\"access\":\"r\"}]}",
		"devices.allow=c 10:229 r; devices.deny=c 10:200 rw"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		is_string(change_text(cases[i].before, cases[i].wish), cases[i].steps, "%s",
			cases[i].title);
	arena_free(&arena);
	return tap_end();
}

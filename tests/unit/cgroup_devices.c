/* Device rules: what they become in the words of v1, and what the program of v2 really lets
 * through. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/cgroup/devices.h"
#include "runtime/plan/compile.h"
#include "spec/arena.h"
#include "tests/unit/cgroup_scene.h"
#include "tests/unit/tap.h"

#define OURS \
	"+c *:* m +b *:* m +c 1:3 rwm +c 1:5 rwm +c 1:7 rwm +c 1:8 rwm +c 1:9 rwm +c 5:0 rwm +c " \
	"5:1 rwm " \
	"+c 5:2 rwm +c 136:* rwm "
#define WITHOUT_NULL \
	"+c *:* m +b *:* m +c 1:5 rwm +c 1:7 rwm +c 1:8 rwm +c 1:9 rwm +c 5:0 rwm +c 5:1 rwm +c " \
	"5:2 rwm " \
	"+c 136:* rwm "

static struct arena arena;

static struct spec_resources *resources_read(const char *rules)
{
	struct spec_resources *resources = arena_alloc(&arena, sizeof(*resources));
	const char *json = arena_format(&arena, "{\"devices\":[%s]}", rules);
	struct warnings warnings = {0};
	struct error err = {0};

	if (table_decode(&spec_resources_table, resources, json, strlen(json), &arena, &warnings,
		    &err) < 0)
		printf("# %s: %s\n", json, err.message);
	return resources;
}

/* Each line that is written: "+" allows, "-" denies. Or the pointer of the failure. */
static const char *lines_text(const char *rules)
{
	static const struct cgroup_hierarchy list[] = {{"/c/devices", "devices", "/", false}};
	static const struct cgroup_host host = {CGROUP_V1, 1, list, ""};
	const struct spec_resources *resources = resources_read(rules);
	struct plan_builder builder;
	struct compiled compiled;
	struct cgroup_place place;
	struct error err = {0};
	const char *text = "";
	char pointer[256];

	cgroup_place(&host, CGROUP_CGROUPFS, "/x", "id", &arena, &place, &err);
	plan_begin(&builder, &arena, &err);
	if (cgroup_compile(&builder, &host, &place, resources) < 0) {
		table_pointer(
			&spec_resources_table, resources, builder.origin, pointer, sizeof(pointer));
		return arena_copy(&arena, pointer, strlen(pointer));
	}
	plan_finish(&builder, &compiled);
	for (uint32_t i = 0; i < compiled.plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(compiled.plan)[i];
		const struct step_limit *limit = plan_arguments(compiled.plan, step);
		const char *line;

		if (step->kind != STEP_limit)
			continue;
		line = plan_string(compiled.plan, limit->value);
		for (; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			text = arena_format(&arena, "%s%s%.*s ", text,
				strstr(plan_string(compiled.plan, limit->file), "deny") ? "-" : "+",
				(int)strcspn(line, "\n"), line);
		}
	}
	return text;
}

#define DENY_ALL "{\"allow\":false,\"access\":\"rwm\"}"
#define ALLOW_ALL "{\"allow\":true,\"type\":\"a\"}"
#define RULE(allow, type, major, minor, access) \
	"{\"allow\":" #allow ",\"type\":\"" #type "\",\"major\":" #major ",\"minor\":" #minor \
	",\"access\":\"" #access "\"}"

static void test_lines(void)
{
	is_string(lines_text(""), "-a " OURS, "no rules: only what every container may use");
	is_string(lines_text(DENY_ALL), "-a " OURS, "deny all is the same");
	is_string(lines_text(ALLOW_ALL), "+a ", "allow all needs nothing more");
	is_string(lines_text(DENY_ALL "," RULE(true, c, 1, 3, rwm)), "-a +c 1:3 rwm " WITHOUT_NULL,
		"what is listed already is written once");
	is_string(
		lines_text(DENY_ALL "," RULE(true, c, 10, 200, r) "," RULE(false, c, 10, 200, rwm)),
		"-a " OURS, "a later denial takes an earlier allowance back");
	is_string(lines_text(RULE(true, b, 8, -1, rw) "," RULE(false, b, 8, -1, w)),
		"-a +b 8:* r " OURS, "also a part of its access");
	is_string(lines_text(RULE(false, c, 10, 229, rwm)), "-a " OURS,
		"denying what is denied is fine (docker does)");
	is_string(lines_text(RULE(true, c, 10, -1, rwm) "," RULE(false, c, 10, 229, rwm)),
		"/devices/1", "denying a part of a range cannot be said on v1");
	is_string(lines_text(ALLOW_ALL "," RULE(false, c, 10, 229, rwm)), "+a -c 10:229 rw ",
		"all but one: mknod of it stays with every container");
	is_string(lines_text(ALLOW_ALL "," RULE(false, b, 8, 0, rwm) "," DENY_ALL), "-a " OURS,
		"a later general rule wins over everything");
	is_string(lines_text("{\"allow\":true,\"major\":7,\"access\":\"r\"}"),
		"-a +c 7:* r +b 7:* r " OURS, "a rule without a type is about both");
}

/* ---- v2: the program, in the kernel ---- */

struct attempt {
	const char *directory;
	unsigned int type, major, minor;
	int flags; /* of open, or -1: mknod only */
};

/* In the cgroup: 0 or the errno of making the node and opening it. */
static int attempt_run(void *context)
{
	const struct attempt *attempt = context;
	char path[64];
	int r = 0;

	snprintf(path, sizeof(path), "/dev/mydocker-test-%d", getpid());
	if (!scene_enter(attempt->directory))
		return 255;
	if (mknod(path, attempt->type | 0600, makedev(attempt->major, attempt->minor)) < 0)
		return errno;
	if (attempt->flags >= 0 && open(path, attempt->flags | O_NONBLOCK | O_CLOEXEC) < 0)
		r = errno;
	unlink(path);
	return r;
}

static void attempt_check(const char *directory, unsigned int type, unsigned int major,
	unsigned int minor, int flags, bool allowed, const char *what)
{
	struct attempt attempt = {directory, type, major, minor, flags};
	int r = scene_child(attempt_run, &attempt);

	if (allowed)
		ok(r != EPERM && r != 255, "%s is allowed (%s)", what, strerror(r));
	else
		is_number(r, EPERM, "%s is denied", what);
}

/* Compiles rules, loads the program for a new directory. False when there is nothing to load. */
static bool filter_load(const char *directory, const char *rules)
{
	const struct spec_resources *resources = resources_read(rules);
	struct device_access_list list;
	struct bpf_insn *program;
	const void *origin;
	struct error err = {0};
	uint32_t count;

	device_rules(&resources->devices, &arena, &list, &origin, &err);
	if (device_program(&list, &arena, &program, &count, &err) < 0 || count == 0)
		return false;
	if (cgroup_filter(directory, program, count * (uint32_t)sizeof(*program), &err) < 0) {
		printf("# %s\n", err.message);
		return false;
	}
	return true;
}

static void test_program(void)
{
	const char *directory = scene_make(scene_unified(&arena), &arena);

	if (!directory) {
		skip("the program of v2", "no unified tree where we may make a cgroup");
		return;
	}
	ok(!filter_load(directory, ALLOW_ALL), "no program where nothing is denied");
	ok(filter_load(directory,
		   RULE(true, c, 1, -1, rw) "," RULE(false, c, 1, 5, w) "," RULE(true, c, 10, 200,
			   r) "," RULE(false, b, 7, -1, m) "," RULE(false, c, 1, 11, r)),
		"the kernel takes the program");
	attempt_check(directory, S_IFCHR, 1, 3, O_RDWR, true, "null");
	attempt_check(directory, S_IFCHR, 1, 11, O_WRONLY, true, "writing to what may be written");
	attempt_check(directory, S_IFCHR, 1, 11, O_RDONLY, false, "reading it");
	attempt_check(directory, S_IFCHR, 1, 11, O_RDWR, false, "both");
	attempt_check(directory, S_IFCHR, 10, 229, -1, true, "making any character device");
	attempt_check(directory, S_IFCHR, 10, 229, O_RDONLY, false, "opening it");
	attempt_check(
		directory, S_IFBLK, 7, 0, -1, true, "making any block device (ours is later)");
	attempt_check(directory, S_IFBLK, 7, 0, O_RDONLY, false, "opening it");
	scene_remove(directory);
}

static void test_general_program(void)
{
	const char *directory = scene_make(scene_unified(&arena), &arena);

	if (!directory) {
		skip("all but one device on v2", "no unified tree where we may make a cgroup");
		return;
	}
	ok(filter_load(directory, ALLOW_ALL "," RULE(false, c, 1, 11, rw)), "all but one device");
	attempt_check(directory, S_IFCHR, 1, 11, O_RDONLY, false, "that one");
	attempt_check(directory, S_IFCHR, 10, 229, O_RDONLY, true, "another");
	scene_remove(directory);
}

/* ---- v2: the program, against what the list says ---- */

/* What the rules say, read from the last one to the first: each decides the letters it names. */
static bool list_allows(const struct device_access_list *list, char type, uint32_t major,
	uint32_t minor, uint32_t access)
{
	for (uint32_t i = list->count; i > 0; i--) {
		const struct device_access *rule = &list->items[i - 1];

		if ((rule->type && rule->type != type) ||
			(rule->major >= 0 && rule->major != major) ||
			(rule->minor >= 0 && rule->minor != minor))
			continue;
		if (!rule->allow && (access & rule->access))
			return false;
		if (rule->allow)
			access &= ~rule->access;
		if (!access)
			return true;
	}
	return false;
}

/* Runs the program; -1 when it does what no program of ours does. */
static int program_run(
	const struct bpf_insn *program, uint32_t count, const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t registers[16] = {0};

	for (uint32_t at = 0; at < count; at++) {
		const struct bpf_insn *i = &program[at];
		uint64_t *to = &registers[i->dst_reg];
		uint32_t value = (uint32_t)*to, with = (uint32_t)i->imm;

		if (i->code == (BPF_LDX | BPF_MEM | BPF_W))
			memcpy(&value, (const char *)context + i->off, sizeof(value));
		else if (i->code == (BPF_ALU | BPF_MOV | BPF_X))
			value = (uint32_t)registers[i->src_reg];
		else if (i->code == (BPF_ALU | BPF_MOV | BPF_K))
			value = with;
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			value &= with;
		else if (i->code == (BPF_ALU | BPF_RSH | BPF_K))
			value >>= with;
		else if (i->code == (BPF_JMP32 | BPF_JNE | BPF_K))
			at += value != with ? (uint32_t)i->off : 0;
		else if (i->code == (BPF_JMP32 | BPF_JSET | BPF_K))
			at += value & with ? (uint32_t)i->off : 0;
		else if (i->code == (BPF_JMP | BPF_JA))
			at += (uint32_t)i->off;
		else
			return i->code == (BPF_JMP | BPF_EXIT) ? (int)registers[0] : -1;
		*to = value;
	}
	return -1;
}

/* Few numbers, so that rules meet. */
static struct device_access rule_random(void)
{
	return (struct device_access){
		.allow = rand() % 2,
		.type = "cb\0"[rand() % 3],
		.major = rand() % 4 - 1,
		.minor = rand() % 4 - 1,
		.access = (uint32_t)(rand() % 3 ? 7 : rand() % 7 + 1),
	};
}

/* The first request that list and program answer differently, or NULL. */
static const char *difference_find(
	const struct device_access_list *list, const struct bpf_insn *program, uint32_t count)
{
	for (uint32_t i = 0; i < 2 * 4 * 4 * 7; i++) {
		uint32_t block = i % 2, major = i / 2 % 4, minor = i / 8 % 4, access = i / 32 + 1;
		struct bpf_cgroup_dev_ctx context = {
			.access_type =
				access << 16 | (block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
			.major = major,
			.minor = minor,
		};
		bool allowed = list_allows(list, block ? 'b' : 'c', major, minor, access);

		if (program_run(program, count, &context) != allowed)
			return arena_format(&arena, "%c %u:%u access %u", block ? 'b' : 'c', major,
				minor, access);
	}
	return NULL;
}

static void test_random(void)
{
	struct device_access items[12];
	const char *difference = NULL;
	int programs = 0;

	srand(1);
	for (int i = 0; i < 3000 && !difference; i++) {
		struct device_access_list list = {1 + (uint32_t)rand() % 11, items};
		struct bpf_insn *program;
		struct error err = {0};
		uint32_t count;

		for (uint32_t j = 0; j < list.count; j++)
			items[j] = rule_random();
		items[0] = (struct device_access){
			.allow = i % 4 == 0, .major = -1, .minor = -1, .access = 7};
		if (device_program(&list, &arena, &program, &count, &err) == 0 && count > 0) {
			difference = difference_find(&list, program, count);
			programs++;
		}
	}
	ok(!difference, "%d programs answer what their lists say%s%s", programs,
		difference ? ", but not about " : "", difference ? difference : "");
}

int main(void)
{
	test_lines();
	test_random();
	test_program();
	test_general_program();
	arena_free(&arena);
	return tap_end();
}

/* What a process gets, and when: capabilities and filters, environment, terminal, lists of nodes.
 */
#include <linux/capability.h>
#include <string.h>

#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

#define BIT(number) (1ULL << (number))

static const char frame[] = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},"
			    "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]%s},"
			    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]%s}}";

static int open_with(struct fixture *f, const char *process, const char *linux)
{
	char json[2048];
	int length = snprintf(json, sizeof(json), frame, process, linux);

	return fixture_open(f, json, (size_t)length, &host_v2);
}

#define FILTER ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"
#define CAPABILITIES \
	",\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"]," \
	"\"effective\":[\"CAP_KILL\"]}"

static void check_order(void)
{
	const struct step_capabilities *first, *second;
	struct fixture f;

	open_with(&f, CAPABILITIES, FILTER);
	fixture_compile(&f);
	first = fixture_step(&f, STEP_capabilities, 0);
	second = fixture_step(&f, STEP_capabilities, 1);
	ok(first != NULL && first->permitted == (BIT(CAP_KILL) | BIT(CAP_SYS_ADMIN)) &&
			first->inheritable == 0 && first->ambient == 0,
		"a process that waits with a filter to load keeps CAP_SYS_ADMIN");
	ok(second != NULL && second->permitted == BIT(CAP_KILL) &&
			second->effective == BIT(CAP_KILL),
		"and has only its own when the filter is loaded");
	ok(fixture_index(&f, STEP_capabilities) < fixture_index(&f, STEP_ready) &&
			fixture_index(&f, STEP_ready) < fixture_index(&f, STEP_seccomp),
		"capabilities go before the process waits, the filter comes after");
	is_number(((const struct step_user *)fixture_step(&f, STEP_user, 0))->bounding,
		BIT(CAP_KILL), "the bounding set never has what is only kept");
	fixture_close(&f);

	open_with(&f, CAPABILITIES ",\"noNewPrivileges\":true", FILTER);
	fixture_compile(&f);
	first = fixture_step(&f, STEP_capabilities, 0);
	ok(first != NULL && first->permitted == BIT(CAP_KILL) &&
			fixture_step(&f, STEP_capabilities, 1) == NULL,
		"with noNewPrivileges nothing is kept");
	ok(fixture_index(&f, STEP_no_new_privs) < fixture_index(&f, STEP_seccomp) &&
			fixture_index(&f, STEP_seccomp) + 1 == fixture_index(&f, STEP_exec),
		"and the filter is the last before the exec");
	fixture_close(&f);

	open_with(&f, "", FILTER);
	fixture_compile(&f);
	first = fixture_step(&f, STEP_capabilities, 1);
	ok(first != NULL && first->permitted == 0 &&
			((const struct step_user *)fixture_step(&f, STEP_user, 0))->bounding == 0,
		"without a capabilities object there are none");
	fixture_close(&f);
}

static void check_grants(void)
{
	const struct step_capabilities *sets;
	struct fixture f;

	open_with(&f,
		",\"capabilities\":{\"bounding\":[\"CAP_SYS_RESOURCE\",\"CAP_KILL\",\"CAP_NOVEL\"],"
		"\"permitted\":[\"CAP_SYS_RESOURCE\",\"CAP_KILL\"],"
		"\"effective\":[\"CAP_SYS_RESOURCE\",\"CAP_KILL\",\"CAP_CHOWN\"],"
		"\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\",\"CAP_NET_RAW\"]}",
		"");
	f.input.capabilities = ALL_CAPABILITIES & ~BIT(CAP_SYS_RESOURCE);
	is_number(fixture_compile(&f), 0, "what cannot be granted does not stop anything");
	sets = fixture_step(&f, STEP_capabilities, 0);
	ok(sets->permitted == BIT(CAP_KILL) && sets->effective == BIT(CAP_KILL) &&
			sets->inheritable == BIT(CAP_KILL) && sets->ambient == BIT(CAP_KILL),
		"it is left out of every set");
	is_number(f.warnings.count, 4,
		"each capability that cannot be granted is said once, and what cannot be ambient");
	for (uint32_t i = 0; i < f.warnings.count; i++)
		printf("# %s: %s\n", f.warnings.items[i].pointer, f.warnings.items[i].text);
	fixture_close(&f);
}

static void check_environment(void)
{
	const struct step_program *program;
	struct fixture f;

	open_with(&f, ",\"env\":[\"A=1\",\"B=2\",\"A=3\",\"AB=4\",\"A=5\"]", "");
	fixture_compile(&f);
	program = fixture_step(&f, STEP_program, 0);
	is_number(program->env.count, 3, "each name is in the environment once");
	is_string(plan_item(f.compiled.plan, program->env, 2), "A=5", "the last one wins");
	is_number(program->home_uid, 0, "HOME is the gate's to find");
	fixture_close(&f);

	open_with(&f, ",\"env\":[\"HOME=/h\"]", "");
	fixture_compile(&f);
	is_number(((const struct step_program *)fixture_step(&f, STEP_program, 0))->home_uid, -1,
		"unless it is given");
	fixture_close(&f);

	open_with(&f, ",\"env\":[\"HOME=\"]", "");
	fixture_compile(&f);
	program = fixture_step(&f, STEP_program, 0);
	ok(program->home_uid == 0 && program->env.count == 0, "and is not empty");
	fixture_close(&f);
}

static const struct nodes {
	const char *text;
	uint64_t first;
	uint32_t length; /* 0: refused */
} node_lists[] = {
	{"0", 1, 8},
	{"0-3,7", 0x8f, 8},
	{"64", 0, 16},
	{"5-2", 0, 0},
	{"1,", 0, 0},
	{"-1", 0, 0},
	{"1024", 0, 0},
	{"1 2", 0, 0},
	{"0, 3", 9, 8},
	{"0-99999999999999999999", 0, 0},
};

static void check_nodes(void)
{
	for (size_t i = 0; i < array_size(node_lists); i++) {
		const struct nodes *nodes = &node_lists[i];
		const struct step_memory_policy *policy;
		struct fixture f;
		char linux[128];

		snprintf(linux, sizeof(linux),
			",\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"%s\"}", nodes->text);
		if (nodes->length == 0) {
			ok(open_with(&f, "", linux) < 0 || fixture_compile(&f) < 0,
				"nodes \"%s\" are refused", nodes->text);
			is_string(f.err.pointer, "/linux/memoryPolicy/nodes", "by their name");
		} else {
			open_with(&f, "", linux);
			fixture_compile(&f);
			policy = fixture_step(&f, STEP_memory_policy, 0);
			ok(policy != NULL && policy->nodes.length == nodes->length &&
					*(const uint64_t *)plan_data(
						f.compiled.plan, policy->nodes) == nodes->first,
				"nodes \"%s\"", nodes->text);
		}
		fixture_close(&f);
	}
}

/* Who enters chooses its CPUs before it is in the cgroup, and once more when it is. */
static void check_affinity(void)
{
	static const char both[] = ",\"execCPUAffinity\":{\"initial\":\"0\",\"final\":\"1,65\"}";
	const struct cgroup_host *const hosts[] = {&host_v1, &host_v2};
	const struct step_affinity *first, *last;
	struct fixture f;

	for (size_t i = 0; i < array_size(hosts); i++) {
		open_with(&f, both, "");
		cgroup_place(hosts[i], CGROUP_CGROUPFS, NULL, "box", &f.arena, &f.place, &f.err);
		f.input.cgroup_host = hosts[i];
		f.input.exec = true;
		fixture_compile(&f);
		first = fixture_step(&f, STEP_affinity, 0);
		last = fixture_step(&f, STEP_affinity, 1);
		ok(first != NULL && first->cpus.length == 8 && last != NULL &&
				last->cpus.length == 16,
			"exec has two affinities");
		ok(fixture_index(&f, STEP_affinity) < fixture_index(&f, STEP_enter) &&
				fixture_index(&f, STEP_enter) < fixture_index(&f, STEP_birth),
			"the first one before it enters the cgroup");
		ok(((const struct step_clone *)fixture_step(&f, STEP_clone, 0))->cgroup.at == 0,
			"in which it is not born");
		fixture_close(&f);
	}
	open_with(&f, both, "");
	fixture_compile(&f);
	first = fixture_step(&f, STEP_affinity, 0);
	ok(first != NULL && first->cpus.length > 16 && fixture_step(&f, STEP_affinity, 1) == NULL,
		"the container's own process has all CPUs, whatever those of exec are");
	fixture_close(&f);
}

static const struct refusal {
	const char *process, *linux, *pointer;
	enum error_code code;
} refusals[] = {
	{",\"terminal\":true", "", "/process/terminal", ERROR_CONSOLE},
};

static void check_refusals(void)
{
	for (size_t i = 0; i < array_size(refusals); i++) {
		struct fixture f;

		open_with(&f, refusals[i].process, refusals[i].linux);
		ok(fixture_compile(&f) < 0 && f.err.code == refusals[i].code, "%s is refused: %s",
			refusals[i].process, f.err.message);
		is_string(f.err.pointer, refusals[i].pointer, "by its name");
		fixture_close(&f);
	}
}

int main(void)
{
	check_order();
	check_grants();
	check_environment();
	check_nodes();
	check_affinity();
	check_refusals();
	return tap_end();
}

/*
 * Fuzzing the plan's compiler: a configuration that decodes is compiled for a host of each kind,
 * for create and for exec. What comes out is a plan that the gate accepts and that can be printed,
 * or an error with a story.
 */
#include <stdio.h>

#include "tests/fuzz/refusal.h"
#include "tests/fuzz/replay.h"
#include "tests/unit/plan_fixture.h"

static void plan_try(
	const uint8_t *data, size_t size, const struct cgroup_host *host, bool exec, int out)
{
	static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/root", NULL};
	struct fixture f;
	struct error err = {0};
	int result = fixture_open(&f, (const char *)data, size, host);

	if (result == 0) {
		f.input.console = true;
		f.input.exec = exec;
		f.input.exec_namespaces = exec ? CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER : 0;
		f.input.door = !exec;
		f.input.environment = environment;
		if (exec && f.input.process == NULL)
			result = 1;
	}
	if (result == 0)
		result = fixture_compile(&f);
	if (result < 0)
		refusal_check(&f.err);
	if (result == 0 &&
		(plan_check(f.compiled.plan, f.compiled.plan->size) < 0 ||
			plan_print(out, &f.compiled, &f.spec, true, &err) < 0))
		abort();
	fixture_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cgroup_host *const hosts[] = {&host_v1, &host_hybrid, &host_v2};
	int out = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < array_size(hosts); i++) {
		plan_try(data, size, hosts[i], false, out);
		plan_try(data, size, hosts[i], true, out);
	}
	close(out);
	return 0;
}

/*
 * Whole plans, compared with those in tests/unit/plans. A difference is shown line by line; when it
 * is meant, PLANS_UPDATE=1 build/tests/unit/plan_golden writes the files anew, and the commit shows
 * what changed. Each is compiled twice: the same input must give the same bytes.
 */
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

#define DIRECTORY "tests/unit/plans/"

static const struct golden {
	const char *name;
	const char *config; /* a file of the directory; NULL: what `mydocker spec` writes */
	const struct cgroup_host *host;
	bool run;      /* no door */
	bool terminal; /* somebody takes it */
	bool rootless;
	uint32_t exec; /* enters these namespaces */
} goldens[] = {
	{.name = "default-v1", .host = &host_v1, .terminal = true},
	{.name = "default-hybrid", .host = &host_hybrid, .terminal = true},
	{.name = "default-v2", .host = &host_v2, .terminal = true},
	{.name = "podman-hybrid", .config = "podman.json", .host = &host_hybrid},
	{.name = "podman-v2", .config = "podman.json", .host = &host_v2},
	{.name = "docker-v1", .config = "docker.json", .host = &host_v1, .run = true},
	{.name = "user-v2", .config = "user.json", .host = &host_v2},
	{.name = "user-rootless", .config = "user.json", .host = &host_v2, .rootless = true},
	{.name = "joined-v2", .config = "joined.json", .host = &host_v2},
	{.name = "everything-v2", .config = "everything.json", .host = &host_v2},
	{.name = "exec-v1",
		.config = "podman.json",
		.host = &host_v1,
		.run = true,
		.exec = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS},
	{.name = "exec-user-v2",
		.config = "user.json",
		.host = &host_v2,
		.run = true,
		.exec = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWTIME},
};

static int golden_compile(
	struct fixture *f, const struct golden *golden, const char *json, size_t length)
{
	static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/root", NULL};

	if (fixture_open(f, json, length, golden->host) < 0)
		return -1;
	f->input.door = !golden->run;
	f->input.console = golden->terminal;
	f->input.privileged = !golden->rootless;
	f->input.exec = golden->exec != 0;
	f->input.exec_namespaces = golden->exec;
	f->input.environment = environment;
	if (f->spec.config.linux->intel_rdt != NULL)
		f->input.resctrl = (struct resctrl_place){
			"/sys/fs/resctrl/shared", "/sys/fs/resctrl/shared/mon_groups/box"};
	return fixture_compile(f);
}

/* What plan_print writes. */
static char *printed(const struct fixture *f, bool json, size_t *length)
{
	auto_fd int fd = memfd_create("plan", MFD_CLOEXEC);
	char path[32];
	struct error err = {0};

	if (fd < 0 || plan_print(fd, &f->compiled, &f->spec, json, &err) < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return file_bytes(path, length);
}

static void show_difference(const char *want, const char *got)
{
	for (int line = 1, shown = 0; (*want || *got) && shown < 5; line++) {
		size_t a = strcspn(want, "\n"), b = strcspn(got, "\n");

		if (a != b || memcmp(want, got, a) != 0) {
			printf("# line %d\n# -%.*s\n# +%.*s\n", line, (int)a, want, (int)b, got);
			shown++;
		}
		want += a + (want[a] == '\n');
		got += b + (got[b] == '\n');
	}
}

static void compare(const struct golden *golden, const char *text, size_t length)
{
	char path[256];
	size_t want_length = 0;
	auto_free char *want = NULL;

	snprintf(path, sizeof(path), DIRECTORY "%s.txt", golden->name);
	if (getenv("PLANS_UPDATE") != NULL) {
		auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		ok(write(fd, text, length) == (ssize_t)length, "%s is written", path);
		return;
	}
	want = file_bytes(path, &want_length);
	if (!ok(want != NULL && want_length == length && memcmp(want, text, length) == 0,
		    "%s is the plan of %s", golden->name,
		    golden->config != NULL ? golden->config : "the default configuration") &&
		want != NULL)
		show_difference(want, text);
}

static unsigned int count_words(const char *text, const char *word)
{
	unsigned int count = 0;

	while ((text = strstr(text, word)) != NULL) {
		count++;
		text += strlen(word);
	}
	return count;
}

static void check(const struct golden *golden, const char *json, size_t length)
{
	struct fixture first, second;
	auto_free char *text = NULL, *document = NULL;
	const struct plan *plan;
	size_t size = 0;

	if (!ok(golden_compile(&first, golden, json, length) == 0 &&
			    golden_compile(&second, golden, json, length) == 0,
		    "%s compiles", golden->name)) {
		printf("# %s: %s\n", first.err.pointer, first.err.message);
		return;
	}
	plan = first.compiled.plan;
	ok(plan_check(plan, plan->size) == 0, "%s is a plan that the gate accepts", golden->name);
	ok(plan->size == second.compiled.plan->size &&
			memcmp(plan, second.compiled.plan, plan->size) == 0,
		"%s is the same bytes when compiled again", golden->name);
	text = printed(&first, false, &size);
	compare(golden, text, size);
	document = printed(&first, true, &size);
	ok(document != NULL && strncmp(document, "{\n  \"schema\": \"mydocker.plan/1\"", 31) == 0 &&
			count_words(document, "\"kind\": ") == plan->step_count,
		"%s has all its steps in JSON", golden->name);
	fixture_close(&first);
	fixture_close(&second);
}

int main(void)
{
	struct arena arena = {0};
	struct error err = {0};
	const char *standard = spec_default(&arena, false, true, &err);

	for (size_t i = 0; i < array_size(goldens); i++) {
		char path[256];
		auto_free char *json = NULL;
		size_t length = 0;

		if (goldens[i].config == NULL) {
			check(&goldens[i], standard, strlen(standard));
			continue;
		}
		snprintf(path, sizeof(path), DIRECTORY "%s", goldens[i].config);
		json = file_bytes(path, &length);
		if (ok(json != NULL, "%s can be read", path))
			check(&goldens[i], json, length);
	}
	arena_free(&arena);
	return tap_end();
}

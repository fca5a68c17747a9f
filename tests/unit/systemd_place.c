/* Which unit a container is in, and where the unit's cgroup lies. */
#include "runtime/unit/place.h"
#include "spec/arena.h"
#include "tests/unit/tap.h"

static struct arena arena;

static const struct cgroup_hierarchy v1_list[] = {
	{"/c/memory", "memory", "/own", false},
	{"/c/systemd", "name=systemd", "/", false},
};
static const struct cgroup_hierarchy v2_list[] = {{"/c", "", "/own", true}};
static const struct cgroup_host v1 = {CGROUP_V1, 2, v1_list, ""};
static const struct cgroup_host v2 = {CGROUP_V2, 1, v2_list, "memory"};

/* "SLICE UNIT DIRECTORY..."; NULL when the path is refused, with its value and a hint where the
 * form is wrong. */
static const char *place_text(
	const struct cgroup_host *host, bool user, const char *path, const char *id)
{
	struct cgroup_place place;
	struct error err = {0};
	const char *text;

	if (unit_place(host, user, user ? "/user@1" : "", path, id, &arena, &place, &err) < 0)
		return path && strcmp(err.value, path) == 0 ? NULL : "no value";
	text = arena_format(&arena, "%s %s", place.slice, place.unit);
	for (uint32_t i = 0; i < place.count; i++)
		text = arena_format(&arena, "%s %s", text, place.directories[i]);
	return text;
}

static const struct {
	const char *path, *want;
} places[] = {
	{NULL, "system.slice mydocker-id1.scope /c/system.slice/mydocker-id1.scope"},
	{"machine.slice:libpod:abc",
		"machine.slice libpod-abc.scope /c/machine.slice/libpod-abc.scope"},
	{":docker:abc", "system.slice docker-abc.scope /c/system.slice/docker-abc.scope"},
	{"::abc", "system.slice -abc.scope /c/system.slice/-abc.scope"},
	{"a-b-c.slice:p:n", "a-b-c.slice p-n.scope /c/a.slice/a-b.slice/a-b-c.slice/p-n.scope"},
	{"-.slice:p:n", "-.slice p-n.scope /c/p-n.scope"},
	{"memory.slice:_p:n", "memory.slice _p-n.scope /c/_memory.slice/__p-n.scope"},
	{"/a/b", NULL},
	{"a.slice", NULL},
	{"a.slice:b", NULL},
	{"a.slice:b:c:d", NULL},
	{"a:b:c", NULL},
	{"/a.slice:b:c", NULL},
	{"a--b.slice:p:n", NULL},
	{"-a.slice:p:n", NULL},
	{"a-.slice:p:n", NULL},
	{".slice:p:n", NULL},
	{"..slice:p:../n", NULL},
	{"a.slice:p:n o", NULL},
	{"a.slice:p:n.slice", NULL},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		is_string(place_text(&v2, false, places[i].path, "id1"), places[i].want, "%s",
			places[i].path ? places[i].path : "no path");
	is_string(place_text(&v1, false, "s.slice:p:n", "id1"),
		"s.slice p-n.scope /c/memory/s.slice/p-n.scope /c/systemd/s.slice/p-n.scope",
		"the same in each hierarchy");
	is_string(place_text(&v2, true, NULL, "id1"),
		"user.slice mydocker-id1.scope /c/user@1/user.slice/mydocker-id1.scope",
		"the caller's own manager");
	is_string(place_text(&v2, false, NULL, "a+b"),
		"system.slice mydocker-a\\x2bb.scope /c/system.slice/mydocker-a\\x2bb.scope",
		"an id with a letter that units lack");
	arena_free(&arena);
	return tap_end();
}

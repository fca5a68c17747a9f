/* From linux.resources and annotations to the properties of a scope, and of one that changes. */
#include "runtime/plan/compile.h"
#include "runtime/unit/place.h"
#include "spec/arena.h"
#include "tests/unit/tap.h"

#define BASIC \
	"Description s mydocker container id Slice s system.slice Delegate b true " \
	"DefaultDependencies b false CollectMode s inactive-or-failed "
#define UNLIMITED "TasksMax t 18446744073709551615 "
#define DEVICES \
	"DeviceAllow a(ss) 0 DeviceAllow a(ss) 1 char-* m DeviceAllow a(ss) 1 block-* m " \
	"DeviceAllow a(ss) 1 /dev/char/1:3 rwm DeviceAllow a(ss) 1 /dev/char/1:5 rwm " \
	"DeviceAllow a(ss) 1 /dev/char/1:7 rwm DeviceAllow a(ss) 1 /dev/char/1:8 rwm " \
	"DeviceAllow a(ss) 1 /dev/char/1:9 rwm DeviceAllow a(ss) 1 /dev/char/5:0 rwm " \
	"DeviceAllow a(ss) 1 /dev/char/5:1 rwm DeviceAllow a(ss) 1 /dev/char/5:2 rwm " \
	"DeviceAllow a(ss) 1 char-136 rwm "
#define STRICT "DevicePolicy s strict"
#define KEPT "files that are kept" /* instead of a file: the list of them */

static struct arena arena;

static const struct cgroup_hierarchy v1_list[] = {
	{"/c/cpu", "cpu,cpuacct", "/", false},
	{"/c/memory", "memory", "/", false},
	{"/c/pids", "pids", "/", false},
	{"/c/devices", "devices", "/", false},
	{"/c/systemd", "name=systemd", "/", false},
};
static const struct cgroup_hierarchy v2_list[] = {{"/c", "", "/", true}};
static const struct cgroup_host v1 = {CGROUP_V1, 5, v1_list, ""};
static const struct cgroup_host v2 = {
	CGROUP_V2, 1, v2_list, "cpuset cpu io memory hugetlb pids rdma"};
#define V1_ACCOUNTING "CPUAccounting b true MemoryAccounting b true TasksAccounting b true "
#define V2_ACCOUNTING V1_ACCOUNTING "IOAccounting b true "

static struct spec_resources decode(const char *json)
{
	struct spec_resources resources;
	struct warnings warnings = {0};
	struct error err = {0};

	if (table_decode(&spec_resources_table, &resources, json, strlen(json), &arena, &warnings,
		    &err) < 0)
		ok(false, "%s: %s", json, err.message);
	return resources;
}

/* text with the words of a list behind it. */
static const char *words_append(const char *text, const struct plan *plan, plan_list list)
{
	for (uint32_t j = 0; j < list.count; j++)
		text = arena_format(
			&arena, "%s%s%s", text, j > 0 ? " " : "", plan_item(plan, list, j));
	return text;
}

/* One step: the words about the unit, after the file that they depend on; or the file's value. */
static const char *step_append(
	const char *text, const struct plan *plan, const struct plan_step *step, const char *file)
{
	const struct step_scope *scope = plan_arguments(plan, step);
	const struct step_unit *unit = plan_arguments(plan, step);
	const struct step_limit *limit = plan_arguments(plan, step);

	if (step->kind == STEP_limit && file && strcmp(plan_string(plan, limit->file), file) == 0)
		return arena_format(
			&arena, "%s%s=%s; ", text, file, plan_string(plan, limit->value));
	if (step->kind == STEP_scope)
		return words_append(text, plan, scope->properties);
	if (step->kind != STEP_unit)
		return text;
	if (plan_string(plan, unit->directory))
		text = arena_format(&arena, "%s; where %s/%s: ", text,
			plan_string(plan, unit->directory), plan_string(plan, unit->file));
	return words_append(text, plan, unit->properties);
}

/* The words of the plan's steps about the unit, and the last value of each file before them. */
static const char *plan_words(const struct plan *plan, const char *file)
{
	const char *text = "";

	for (uint32_t i = 0; i < plan->step_count; i++)
		text = step_append(text, plan, &plan_steps(plan)[i], file);
	return text;
}

/* The files that the plan's last change of the unit leaves alone. */
static const char *plan_kept(const struct plan *plan)
{
	const char *text = "";

	for (uint32_t i = 0; i < plan->step_count; i++)
		if (plan_steps(plan)[i].kind == STEP_unit) {
			const struct step_unit *unit = plan_arguments(plan, &plan_steps(plan)[i]);

			text = words_append("", plan, unit->kept);
		}
	return text;
}

static const char *compile_text(
	const struct cgroup_host *host, const char *before, const char *json, const char *file)
{
	struct spec_resources previous = decode(before ? before : "{}"), asked = decode(json);
	struct spec_resources merged = asked;
	struct cgroup_change change = {&previous, &asked};
	struct warnings warnings = {0};
	struct plan_builder builder;
	struct compiled compiled;
	struct cgroup_place place;
	struct error err = {0};

	unit_place(host, false, "", NULL, "id", &arena, &place, &err);
	plan_begin(&builder, &arena, &err);
	builder.warnings = &warnings;
	if (before)
		cgroup_merge(&previous, &asked, &arena, &merged);
	if (cgroup_compile_change(&builder, host, &place, &merged, before ? &change : NULL) < 0)
		return arena_format(&arena, "%s", err.message);
	plan_finish(&builder, &compiled);
	return strcmp(file ? file : "", KEPT) == 0 ? plan_kept(compiled.plan)
						   : plan_words(compiled.plan, file);
}

static const struct {
	const char *title, *json, *v1, *v2;
} scopes[] = {
	{"nothing", "{}", UNLIMITED, UNLIMITED},
	{"memory", "{\"memory\":{\"limit\":64,\"swap\":96,\"reservation\":32}}",
		UNLIMITED "MemoryLimit t 64 ",
		UNLIMITED "MemoryMax t 64 MemorySwapMax t 32 MemoryLow t 32 "},
	{"no limit", "{\"memory\":{\"limit\":-1},\"pids\":{\"limit\":-1}}",
		"MemoryLimit t 18446744073709551615 TasksMax t 18446744073709551615 ",
		"MemoryMax t 18446744073709551615 TasksMax t 18446744073709551615 "},
	{"processes", "{\"pids\":{\"limit\":0}}", "TasksMax t 1 ", "TasksMax t 1 "},
	{"CPU time", "{\"cpu\":{\"shares\":1024,\"quota\":50000,\"period\":200000}}",
		UNLIMITED
		"CPUShares t 1024 CPUQuotaPeriodUSec t 200000 CPUQuotaPerSecUSec t 250000 ",
		UNLIMITED
		"CPUWeight t 100 CPUQuotaPeriodUSec t 200000 CPUQuotaPerSecUSec t 250000 "},
};

static const struct {
	const char *title, *json, *v2;
} more[] = {
	{"CPUs and memory nodes", "{\"cpu\":{\"cpus\":\"0-1,9\",\"mems\":\"0\"}}",
		UNLIMITED "AllowedCPUs ay 2 3 2 AllowedMemoryNodes ay 1 1 "},
	{"amounts with units", "{\"unified\":{\"memory.max\":\"64M\",\"memory.high\":\"1g\"}}",
		UNLIMITED "MemoryMax t 67108864 MemoryHigh t 1073741824 "},
	{"an idle cgroup", "{\"cpu\":{\"shares\":512,\"idle\":1}}",
		UNLIMITED "CPUWeight t 59 CPUWeight t 0 "},
	{"files by their names",
		"{\"unified\":{\"memory.high\":\"77\",\"cpu.max\":\"max 50000\","
		"\"memory.oom.group\":\"1\"}}",
		UNLIMITED "MemoryHigh t 77 CPUQuotaPeriodUSec t 50000 CPUQuotaPerSecUSec t "
			  "18446744073709551615 "},
};

/* systemd's IOWeight says another weight of BFQ than that of io.weight. */
static const struct {
	const char *title, *json, *v2, *bfq;
} disks[] = {
	{"disks",
		"{\"blockIO\":{\"weight\":1000,\"weightDevice\":[{\"major\":8,\"minor\":0,"
		"\"weight\":10}],\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":1,\"rate\":5}],"
		"\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":2,\"rate\":0}]}}",
		UNLIMITED "IOWeight t 10000 IODeviceWeight a(st) 1 /dev/block/8:0 1 "
			  "IOReadBandwidthMax a(st) 1 /dev/block/8:1 5 "
			  "IOWriteIOPSMax a(st) 1 /dev/block/8:2 18446744073709551615 ",
		"IOWeight t 10000 IODeviceWeight a(st) 1 /dev/block/8:0 10"},
	{"a weight of BFQ, by an eleventh of what is more than 100",
		"{\"blockIO\":{\"weight\":333}}", UNLIMITED "IOWeight t 3263 ", "IOWeight t 2663"},
	{"its file by name", "{\"unified\":{\"io.bfq.weight\":\"default 50\"}}", UNLIMITED,
		"IOWeight t 50"},
};

static const struct {
	const char *title, *before, *json, *v2;
} changes[] = {
	{"only what was asked for", "{\"memory\":{\"limit\":64},\"pids\":{\"limit\":5}}",
		"{\"pids\":{\"limit\":9}}", "TasksMax t 9"},
	{"nothing, no step", "{\"pids\":{\"limit\":5}}", "{\"pids\":{}}", ""},
	{"what no property says, no step", "{}",
		"{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}]}", ""},
	{"a cgroup that wakes", "{\"cpu\":{\"idle\":1}}", "{\"cpu\":{\"idle\":0}}",
		"CPUWeight t 100"},
	{"and has shares", "{\"cpu\":{\"idle\":1,\"shares\":512}}", "{\"cpu\":{\"idle\":0}}",
		"CPUWeight t 100 CPUWeight t 59"},
	{"devices: emptied, filled, closed", "{}",
		"{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":10,"
		"\"access\":\"rw\"}]}",
		"DeviceAllow a(ss) 0 DeviceAllow a(ss) 1 char-10 rw "
		"DeviceAllow a(ss) 1 char-* m DeviceAllow a(ss) 1 block-* m "
		"DeviceAllow a(ss) 1 /dev/char/1:3 rwm DeviceAllow a(ss) 1 /dev/char/1:5 rwm "
		"DeviceAllow a(ss) 1 /dev/char/1:7 rwm DeviceAllow a(ss) 1 /dev/char/1:8 rwm "
		"DeviceAllow a(ss) 1 /dev/char/1:9 rwm DeviceAllow a(ss) 1 /dev/char/5:0 rwm "
		"DeviceAllow a(ss) 1 /dev/char/5:1 rwm DeviceAllow a(ss) 1 /dev/char/5:2 rwm "
		"DeviceAllow a(ss) 1 char-136 rwm " STRICT},
	{"all devices", "{}", "{\"devices\":[{\"allow\":true,\"type\":\"a\"}]}",
		"DeviceAllow a(ss) 0 DevicePolicy s auto"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		is_string(compile_text(&v1, NULL, scopes[i].json, NULL),
			arena_format(&arena, BASIC V1_ACCOUNTING "%s" DEVICES STRICT, scopes[i].v1),
			"v1: %s", scopes[i].title);
		is_string(compile_text(&v2, NULL, scopes[i].json, NULL),
			arena_format(&arena, BASIC V2_ACCOUNTING "%s" DEVICES STRICT, scopes[i].v2),
			"v2: %s", scopes[i].title);
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		is_string(compile_text(&v2, NULL, more[i].json, NULL),
			arena_format(&arena, BASIC V2_ACCOUNTING "%s" DEVICES STRICT, more[i].v2),
			"%s", more[i].title);
	for (size_t i = 0; i < sizeof(disks) / sizeof(*disks); i++)
		is_string(compile_text(&v2, NULL, disks[i].json, NULL),
			arena_format(&arena,
				BASIC V2_ACCOUNTING
				"%s" DEVICES STRICT
				"; where /c/system.slice/mydocker-id.scope/io.bfq.weight: %s",
				disks[i].v2, disks[i].bfq),
			"%s", disks[i].title);
	is_string(compile_text(&v2, "{}", "{\"pids\":{\"limit\":9}}", KEPT),
		"/c/system.slice/mydocker-id.scope/cpu.max "
		"/c/system.slice/mydocker-id.scope/cpu.max.burst "
		"/c/system.slice/mydocker-id.scope/cpu.cfs_period_us "
		"/c/system.slice/mydocker-id.scope/cpu.cfs_burst_us",
		"what systemd has no words for is kept, v2");
	is_string(compile_text(&v1, "{}", "{\"pids\":{\"limit\":9}}", KEPT),
		"/c/cpu/system.slice/mydocker-id.scope/cpu.max "
		"/c/cpu/system.slice/mydocker-id.scope/cpu.max.burst "
		"/c/cpu/system.slice/mydocker-id.scope/cpu.cfs_period_us "
		"/c/cpu/system.slice/mydocker-id.scope/cpu.cfs_burst_us",
		"what systemd has no words for is kept, v1");
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		is_string(compile_text(&v2, changes[i].before, changes[i].json, NULL),
			changes[i].v2, "change: %s", changes[i].title);
	is_string(compile_text(&v2, "{}", "{\"cpu\":{\"quota\":25500}}", "cpu.max"),
		"cpu.max=26000; CPUQuotaPerSecUSec t 260000", "a quota is rounded up to percents");
	is_string(
		compile_text(&v2, "{}", "{\"cpu\":{\"quota\":25500,\"period\":50000}}", "cpu.max"),
		"cpu.max=25500 50000; CPUQuotaPeriodUSec t 50000 CPUQuotaPerSecUSec t 510000",
		"a quota of whole percents stays");
	arena_free(&arena);
	return tap_end();
}

/* From linux.resources to the files that are written: on v1, on a hybrid host and on v2, by
 * comparing the steps. */
#include <errno.h>

#include "runtime/plan/compile.h"
#include "spec/arena.h"
#include "tests/unit/tap.h"

#define ACCOUNTING "cgroup.subtree_control|" /* tried in every cgroup of v2 */

static struct arena arena;
static bool accounting; /* look at these steps, or at the others */

static const struct cgroup_hierarchy v1_list[] = {
	{"/c/cpu", "cpu,cpuacct", "/", false},
	{"/c/cpuset", "cpuset", "/", false},
	{"/c/memory", "memory", "/", false},
	{"/c/pids", "pids", "/", false},
	{"/c/blkio", "blkio", "/", false},
	{"/c/net", "net_cls,net_prio", "/", false},
	{"/c/systemd", "name=systemd", "/", false},
	{"/c/unified", "", "/", true},
};
static const struct cgroup_hierarchy v2_list[] = {{"/c", "", "/", true}};

/* Without devices, so that each case shows its own files alone. */
static const struct cgroup_host v1 = {CGROUP_V1, 7, v1_list, ""};
static const struct cgroup_host hybrid = {CGROUP_HYBRID, 8, v1_list, "hugetlb rdma"};
static const struct cgroup_host v2 = {
	CGROUP_V2, 1, v2_list, "cpuset cpu io memory hugetlb pids rdma"};

/* "DIRECTORY/FILE=VALUE" of each limit step; files below /ctr/1 of the mount points, those above
 * with their directory. */
static const char *steps_text(const struct plan *plan)
{
	const char *text = "";

	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan_steps(plan)[i];
		const struct step_limit *limit = plan_arguments(plan, step);
		const char *directory;

		if (step->kind != STEP_limit ||
			(strcmp(plan_string(plan, limit->file), ACCOUNTING) == 0) != accounting)
			continue;
		directory = plan_string(plan, limit->directory);
		text = arena_format(&arena, "%s%s%s%s=%s", text, text[0] ? "; " : "",
			strstr(directory, "/ctr/1") ? "" : arena_format(&arena, "%s/", directory),
			plan_string(plan, limit->file), plan_string(plan, limit->value));
	}
	return text;
}

/* Compiles resources (JSON); the limits as text, or "CODE pointer" of the failure. */
static const char *compile_text(const struct cgroup_host *host, const char *json)
{
	struct plan_builder builder;
	struct spec_resources resources;
	struct warnings warnings = {0};
	struct compiled compiled;
	struct cgroup_place place;
	struct error err = {0};
	char pointer[256];

	if (table_decode(&spec_resources_table, &resources, json, strlen(json), &arena, &warnings,
		    &err) < 0)
		return arena_format(&arena, "undecoded %s", err.message);
	cgroup_place(host, CGROUP_CGROUPFS, "/ctr/1", "id", &arena, &place, &err);
	plan_begin(&builder, &arena, &err);
	if (cgroup_compile(&builder, host, &place, &resources) < 0) {
		table_pointer(&spec_resources_table, &resources, builder.origin, pointer,
			sizeof(pointer));
		return arena_format(&arena, "%s %s", error_code_name(err.code), pointer);
	}
	plan_finish(&builder, &compiled);
	return steps_text(compiled.plan);
}

/* On v2, and on the hybrid host for what only its unified tree has, controllers are handed down
 * first. */
#define DOWN(controller) \
	"/c/cgroup.subtree_control=+" controller "; /c/ctr/cgroup.subtree_control=+" controller "; "
#define HYBRID_DOWN(controller) \
	"/c/unified/cgroup.subtree_control=+" controller \
	"; /c/unified/ctr/cgroup.subtree_control=+" controller "; "

static const struct {
	const char *json, *v1, *v2;
} cases[] = {
	{"{\"memory\":{\"limit\":64}}", "memory.limit_in_bytes=64", DOWN("memory") "memory.max=64"},
	{"{\"memory\":{\"limit\":-1,\"reservation\":-1,\"swap\":-1}}",
		"memory.limit_in_bytes=-1; memory.memsw.limit_in_bytes|=-1; "
		"memory.soft_limit_in_bytes=-1",
		DOWN("memory") "memory.max=max; memory.swap.max|=max; memory.low=max"},
	{"{\"memory\":{\"reservation\":10,\"swap\":96,\"limit\":64}}",
		"memory.limit_in_bytes=64; memory.memsw.limit_in_bytes=96; "
		"memory.soft_limit_in_bytes=10",
		DOWN("memory") "memory.max=64; memory.swap.max=32; memory.low=10"},
	{"{\"memory\":{\"limit\":64,\"swap\":64}}",
		"memory.limit_in_bytes=64; memory.memsw.limit_in_bytes|=64",
		DOWN("memory") "memory.max=64; memory.swap.max|=0"},
	{"{\"memory\":{\"swap\":64,\"limit\":0}}", "CONFIG_RULE /memory/swap",
		"CONFIG_RULE /memory/swap"},
	{"{\"memory\":{\"limit\":0,\"reservation\":0,\"swap\":0,\"kernel\":0,\"kernelTCP\":0,"
	 "\"disableOOMKiller\":false},\"cpu\":{\"shares\":0,\"quota\":0,\"period\":0,"
	 "\"realtimePeriod\":0,\"realtimeRuntime\":0},\"blockIO\":{\"weight\":0}}",
		"", ""},
	{"{\"memory\":{\"kernel\":64}}", "", ""},
	{"{\"memory\":{\"kernelTCP\":64}}", "memory.kmem.tcp.limit_in_bytes=64",
		"CGROUP /memory/kernelTCP"},
	{"{\"memory\":{\"swappiness\":0}}", "memory.swappiness=0", "CGROUP /memory/swappiness"},
	{"{\"memory\":{\"disableOOMKiller\":true}}", "memory.oom_control=1",
		"CGROUP /memory/disableOOMKiller"},
	{"{\"memory\":{\"useHierarchy\":true}}", "memory.use_hierarchy=1", ""},
	{"{\"memory\":{\"useHierarchy\":false}}", "memory.use_hierarchy=0",
		"CGROUP /memory/useHierarchy"},
	{"{\"cpu\":{\"shares\":2}}", "cpu.shares=2", DOWN("cpu") "cpu.weight=1"},
	{"{\"cpu\":{\"shares\":1024}}", "cpu.shares=1024", DOWN("cpu") "cpu.weight=100"},
	{"{\"cpu\":{\"shares\":512}}", "cpu.shares=512", DOWN("cpu") "cpu.weight=59"},
	{"{\"cpu\":{\"shares\":262144}}", "cpu.shares=262144", DOWN("cpu") "cpu.weight=10000"},
	{"{\"cpu\":{\"shares\":1}}", "CONFIG_RANGE /cpu/shares", DOWN("cpu") "cpu.weight=1"},
	{"{\"cpu\":{\"shares\":900000}}", "CONFIG_RANGE /cpu/shares",
		DOWN("cpu") "cpu.weight=10000"},
	{"{\"cpu\":{\"quota\":50000}}", "cpu.cfs_quota_us=50000", DOWN("cpu") "cpu.max=50000"},
	{"{\"cpu\":{\"quota\":50000,\"period\":200000,\"burst\":7}}",
		"cpu.cfs_period_us=200000; cpu.cfs_quota_us=50000; cpu.cfs_burst_us=7",
		DOWN("cpu") "cpu.max=50000 200000; cpu.max.burst=7"},
	{"{\"cpu\":{\"quota\":-5}}", "cpu.cfs_quota_us=-1", DOWN("cpu") "cpu.max=max"},
	{"{\"cpu\":{\"period\":200000}}", "cpu.cfs_period_us=200000",
		DOWN("cpu") "cpu.max=max 200000"},
	{"{\"cpu\":{\"idle\":1,\"shares\":2}}", "cpu.shares=2; cpu.idle=1",
		DOWN("cpu") "cpu.weight=1; cpu.idle=1"},
	{"{\"cpu\":{\"realtimeRuntime\":5,\"realtimePeriod\":9}}",
		"cpu.rt_period_us=9; cpu.rt_runtime_us=5", "CGROUP /cpu/realtimePeriod"},
	{"{\"cpu\":{\"mems\":\"0\",\"cpus\":\"0-1\",\"shares\":1024}}",
		"cpuset.cpus=0-1; cpuset.mems=0; cpu.shares=1024",
		DOWN("cpuset") "cpuset.cpus=0-1; cpuset.mems=0; " DOWN("cpu") "cpu.weight=100"},
	{"{\"pids\":{\"limit\":10}}", "pids.max=10", DOWN("pids") "pids.max=10"},
	{"{\"pids\":{\"limit\":-7}}", "pids.max=max", DOWN("pids") "pids.max=max"},
	{"{\"pids\":{\"limit\":0}}", "pids.max=1", DOWN("pids") "pids.max=1"},
	{"{\"blockIO\":{\"weight\":500}}", "blkio.bfq.weight=500",
		DOWN("io") "io.bfq.weight|io.weight=500|4950"},
	{"{\"blockIO\":{\"leafWeight\":500}}", "blkio.leaf_weight=500",
		"CGROUP /blockIO/leafWeight"},
	{"{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10},"
	 "{\"major\":8,\"minor\":16,\"weight\":1000}]}}",
		"blkio.bfq.weight_device=8:0 10; blkio.bfq.weight_device=8:16 1000",
		DOWN("io") "io.bfq.weight|io.weight=8:0 10|8:0 1; "
			   "io.bfq.weight|io.weight=8:16 1000|8:16 10000"},
	{"{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"leafWeight\":10}]}}",
		"blkio.leaf_weight_device=8:0 10", "CGROUP /blockIO/weightDevice/0"},
	{"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}],"
	 "\"throttleWriteBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":18446744073709551615}],"
	 "\"throttleReadIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":3}],"
	 "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":0}]}}",
		"blkio.throttle.read_bps_device=8:0 1; "
		"blkio.throttle.write_bps_device=8:0 18446744073709551615; "
		"blkio.throttle.read_iops_device=8:0 3; blkio.throttle.write_iops_device=8:0 0",
		DOWN("io") "io.max=8:0 rbps=1; io.max=8:0 wbps=18446744073709551615; io.max=8:0 "
			   "riops=3; "
			   "io.max=8:0 wiops=max"},
	{"{\"hugepageLimits\":[{\"pageSize\":\"2048KB\",\"limit\":9}]}", "CGROUP /hugepageLimits/0",
		DOWN("hugetlb") "hugetlb.2MB.rsvd.max=9; hugetlb.2MB.max=9"},
	{"{\"network\":{\"classID\":1048577,\"priorities\":[{\"name\":\"eth0\",\"priority\":5}]}}",
		"net_cls.classid=1048577; net_prio.ifpriomap=eth0 5", "CGROUP /network/classID"},
	{"{\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":10000}}}", "CGROUP /rdma/mlx5_1",
		DOWN("rdma") "rdma.max=mlx5_1 hca_handle=3 hca_object=10000"},
	{"{\"unified\":{\"memory.high\":\"1M\"}}", "CGROUP /unified/memory.high",
		DOWN("memory") "memory.high=1M"},
	{"{\"unified\":{\"foo.max\":\"1\"}}", "CGROUP /unified/foo.max", "CGROUP /unified/foo.max"},
	{"{\"unified\":{\"cgroup.max.depth\":\"3\"}}", "CGROUP /unified/cgroup.max.depth",
		"cgroup.max.depth=3"},
	{"{\"unified\":{\"pids.max\":\"5\"},\"pids\":{\"limit\":10}}", "CGROUP /unified/pids.max",
		DOWN("pids") "pids.max=10; pids.max=5"},
	{"{}", "", ""},
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_string(compile_text(&v1, cases[i].json), cases[i].v1, "v1 %s", cases[i].json);
		is_string(compile_text(&v2, cases[i].json), cases[i].v2, "v2 %s", cases[i].json);
	}
}

/* Each property goes to whoever has its controller. */
static void test_hybrid(void)
{
	is_string(compile_text(&hybrid,
			  "{\"pids\":{\"limit\":5},\"hugepageLimits\":[{\"pageSize\":"
			  "\"2MB\",\"limit\":9}],\"unified\":{\"rdma.max\":\"x hca_handle=1\"}}"),
		"pids.max=5; " HYBRID_DOWN("hugetlb") "hugetlb.2MB.rsvd.max=9; "
						      "hugetlb.2MB.max=9; " HYBRID_DOWN(
							      "rdma") "rdma.max=x hca_handle=1",
		"a hybrid host's unified tree has hugetlb, v1 the rest");
	is_string(compile_text(&hybrid, "{\"unified\":{\"pids.max\":\"5\"}}"),
		"CGROUP /unified/pids.max", "a controller that v1 has is not in the unified tree");
}

/* v2 counts memory and processes of everybody, in the directories above as well. */
static void test_accounting(void)
{
	accounting = true;
	is_string(compile_text(&v2, "{\"pids\":{\"limit\":5}}"),
		"/c/" ACCOUNTING "=+memory|; /c/ctr/" ACCOUNTING "=+memory|",
		"what no limit has brought down is brought down if it can be");
	is_string(compile_text(&hybrid, "{}"), "", "v1 counts anyway");
	accounting = false;
}

/* Nothing below the place before the place itself; the gate moves into v1, is born in v2. */
static void test_order(void)
{
	struct plan_builder builder;
	struct compiled compiled;
	struct cgroup_place place;
	struct error err = {0};
	const char *born, *text = "";

	cgroup_place(&hybrid, CGROUP_CGROUPFS, NULL, "id1", &arena, &place, &err);
	plan_begin(&builder, &arena, &err);
	cgroup_compile(&builder, &hybrid, &place, NULL);
	born = cgroup_compile_entry(&builder, &hybrid, &place);
	plan_finish(&builder, &compiled);
	is_string(born, "/c/unified/id1", "the process is born in the unified directory");
	is_number(compiled.plan->slot_count, 7, "and moves itself into seven others");
	is_string(plan_string(compiled.plan, plan_slots(compiled.plan)[2].path),
		"/c/memory/id1/tasks", "through their tasks files");
	for (uint32_t i = 0; i < compiled.plan->step_count; i++)
		text = arena_format(&arena, "%s%c", text,
			plan_kinds[plan_steps(compiled.plan)[i].kind].name[0]);
	is_string(text,
		"cccccccc"
		"d"
		"eeeeeee",
		"made, filtered (v2 has the devices here), entered");
}

int main(void)
{
	test_files();
	test_hybrid();
	test_accounting();
	test_order();
	arena_free(&arena);
	return tap_end();
}

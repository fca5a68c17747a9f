/* Every rule broken once, and kept just so: {the rest of a document, where and how it is refused}.
 */
#include "spec/spec.h"
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

#define NS(type) "{\"type\":\"" type "\"}"
#define SPACES(...) "\"namespaces\":[" __VA_ARGS__ "]"
#define LINUX(...) "\"linux\":{" __VA_ARGS__ "}"
#define PROCESS(...) "\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]," __VA_ARGS__ "}"
#define MOUNT(...) "\"mounts\":[{\"destination\":\"/m\"," __VA_ARGS__ "}]"
#define RESOURCES(...) LINUX("\"resources\":{" __VA_ARGS__ "}")
#define SECCOMP(...) LINUX("\"seccomp\":{" __VA_ARGS__ "}")
#define MAP(a, b, n) "{\"containerID\":" a ",\"hostID\":" b ",\"size\":" n "}"
#define ONE_MAP "[" MAP("0", "1000", "1") "]"

static const struct row {
	const char *text;
	const char *pointer; /* NULL: kept */
	const char *message; /* part of it */
} rows[] = {
	{"\"hostname\":\"h\"", "/hostname", "needs a uts namespace"},
	{"\"hostname\":\"h\"," LINUX(SPACES(NS("uts"))), NULL, NULL},
	{"\"hostname\":\"h\"," LINUX(SPACES("{\"type\":\"uts\",\"path\":\"/proc/1/ns/uts\"}")),
		NULL, NULL},
	{"\"hostname\":\"\"", NULL, NULL},
	{"\"hostname\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," LINUX(
		 SPACES(NS("uts"))),
		NULL, NULL},
	{"\"hostname\":"
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," LINUX(
		 SPACES(NS("uts"))),
		"/hostname", "longer than 64"},
	{"\"domainname\":\"h\"", "/domainname", "needs a uts namespace"},
	{"\"domainname\":"
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," LINUX(
		 SPACES(NS("uts"))),
		"/domainname", "longer than 64"},
	{"\"annotations\":{\"a\":\"\",\"\":\"x\"}", "/annotations/", "cannot be empty"},
	{"\"annotations\":{\"a\":\"\"}", NULL, NULL},
	/* process */
	{"\"process\":{\"cwd\":\"/\"}", "/process/args", "must not be empty"},
	{"\"process\":{\"cwd\":\"/\",\"args\":[]}", "/process/args", "must not be empty"},
	{"\"process\":{\"cwd\":\"/\",\"args\":[\"\"]}", "/process/args/0", "name of the program"},
	{"\"process\":{\"cwd\":\"/\",\"args\":[\"a\",\"\"]}", NULL, NULL},
	{PROCESS("\"env\":[\"A=\",\"B\"]"), "/process/env/1", "expected NAME=value, got \"B\""},
	{PROCESS("\"env\":[\"=x\"]"), "/process/env/0", "NAME=value"},
	{PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":1,\"soft\":1},"
		 "{\"type\":\"RLIMIT_CORE\",\"hard\":2,\"soft\":2}]"),
		"/process/rlimits/1/type", "twice"},
	{PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":1,\"soft\":2}]"),
		"/process/rlimits/0/soft", "above the hard"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":1}"),
		"/process/scheduler/priority", "only SCHED_FIFO"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_FIFO\"}"), "/process/scheduler/priority",
		"1 to 99"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":1}"), NULL, NULL},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":5,\"period\":1}"),
		"/process/scheduler/period", "only SCHED_DEADLINE"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1023,\"deadline\":"
		 "2000}"),
		"/process/scheduler/runtime", "1024 <= runtime"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":3000,\"deadline\":"
		 "2000}"),
		"/process/scheduler/runtime", "runtime <= deadline"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":2000,"
		 "\"period\":1999}"),
		"/process/scheduler/deadline", "deadline <= period"},
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":"
		 "2000}"),
		NULL, NULL},
	{PROCESS("\"execCPUAffinity\":{\"initial\":\"0-3, 7\",\"final\":\"\"}"), NULL, NULL},
	{PROCESS("\"execCPUAffinity\":{\"initial\":\"3-0\"}"), "/process/execCPUAffinity/initial",
		"0-3,7"},
	{PROCESS("\"execCPUAffinity\":{\"final\":\"0,,1\"}"), "/process/execCPUAffinity/final",
		"0-3,7"},
	{PROCESS("\"execCPUAffinity\":{\"final\":\"a\"}"), "/process/execCPUAffinity/final",
		"got \"a\""},
	{PROCESS("\"execCPUAffinity\":{\"final\":\"99999999999999999999\"}"),
		"/process/execCPUAffinity/final", "0-3,7"},
	/* mounts */
	{MOUNT("\"source\":\"x\""), "/mounts/0", "needs a type"},
	{MOUNT("\"type\":\"bind\",\"source\":\"x\",\"options\":[\"ro\"]"), "/mounts/0/type",
		"bind or rbind"},
	{MOUNT("\"type\":\"bind\",\"options\":[\"rbind\"]"), "/mounts/0", "needs a source"},
	{MOUNT("\"source\":\"x\",\"options\":[\"rbind\",\"ro\",\"rprivate\",\"idmap=uids=0-1-1\"]"),
		NULL, NULL},
	{MOUNT("\"source\":\"x\",\"options\":[\"rbind\",\"size=1k\"]"), "/mounts/0/options/1",
		"got \"size=1k\""},
	{MOUNT("\"type\":\"tmpfs\",\"options\":[\"size=1k\",\"tmpcopyup\"]"), NULL, NULL},
	{MOUNT("\"type\":\"proc\",\"options\":[\"tmpcopyup\"]"), "/mounts/0/options/0",
		"tmpfs only"},
	{MOUNT("\"options\":[\"remount\",\"ro\"]"), NULL, NULL},
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\",\"idmap\"]"), "/mounts/0/options/1",
		"or a user namespace"},
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\",\"ridmap\"],\"uidMappings\":" ONE_MAP
	       ",\"gidMappings\":" ONE_MAP),
		NULL, NULL},
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\"],\"uidMappings\":" ONE_MAP),
		"/mounts/0/uidMappings", "come together"},
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\"],\"gidMappings\":" ONE_MAP),
		"/mounts/0/gidMappings", "come together"},
	/* namespaces and what needs them */
	{LINUX(SPACES(NS("pid") "," NS("pid"))), "/linux/namespaces/1/type", "twice"},
	{LINUX("\"uidMappings\":" ONE_MAP), "/linux/uidMappings", "needs a user namespace"},
	{LINUX("\"gidMappings\":" ONE_MAP), "/linux/gidMappings", "needs a user namespace"},
	{LINUX(SPACES(NS("user"))), "/linux/uidMappings", "needs uidMappings and gidMappings"},
	{LINUX(SPACES(NS("user")) ",\"uidMappings\":" ONE_MAP), "/linux/gidMappings",
		"needs uidMappings"},
	{LINUX(SPACES(NS("user")) ",\"uidMappings\":" ONE_MAP ",\"gidMappings\":" ONE_MAP), NULL,
		NULL},
	{LINUX(SPACES("{\"type\":\"user\",\"path\":\"/x\"}")), NULL, NULL},
	{LINUX(SPACES(NS("user")) ",\"gidMappings\":" ONE_MAP ",\"uidMappings\":[" MAP(
		 "0", "0", "10") "," MAP("10", "9", "1") "]"),
		"/linux/uidMappings/1", "overlaps"},
	{LINUX(SPACES(NS("user")) ",\"gidMappings\":" ONE_MAP ",\"uidMappings\":[" MAP(
		 "0", "0", "10") "," MAP("9", "10", "1") "]"),
		"/linux/uidMappings/1", "overlaps"},
	{LINUX(SPACES(NS("user")) ",\"gidMappings\":" ONE_MAP ",\"uidMappings\":[" MAP(
		 "0", "0", "10") "," MAP("10", "10", "4294967286") "]"),
		NULL, NULL},
	{LINUX(SPACES(NS("user")) ",\"gidMappings\":" ONE_MAP
				  ",\"uidMappings\":[" MAP("10", "11", "4294967286") "]"),
		"/linux/uidMappings/0/size", "beyond the last id"},
	{LINUX(SPACES(NS("time")) ",\"timeOffsets\":{\"boottime\":{\"secs\":1},\"monotonic\":{}}"),
		NULL, NULL},
	{LINUX("\"timeOffsets\":{\"boottime\":{\"secs\":1}}"), "/linux/timeOffsets",
		"new time namespace"},
	{LINUX(SPACES("{\"type\":\"time\",\"path\":\"/x\"}") ",\"timeOffsets\":{\"boottime\":{"
							     "\"secs\":1}}"),
		"/linux/timeOffsets", "new time namespace"},
	{LINUX(SPACES(NS("time")) ",\"timeOffsets\":{\"realtime\":{\"secs\":1}}"),
		"/linux/timeOffsets/realtime", "got \"realtime\""},
	{LINUX("\"maskedPaths\":[\"/x\"]"), "/linux/maskedPaths", "needs a mount namespace"},
	{LINUX("\"readonlyPaths\":[\"/x\"]"), "/linux/readonlyPaths", "needs a mount namespace"},
	{LINUX("\"maskedPaths\":[],\"readonlyPaths\":[]"), NULL, NULL},
	{LINUX("\"cgroupsPath\":\"/a/../../b\""), "/linux/cgroupsPath", "cannot hold \"..\""},
	{LINUX("\"cgroupsPath\":\"..\""), "/linux/cgroupsPath", "cannot hold \"..\""},
	{LINUX("\"cgroupsPath\":\"/a..b/...\""), NULL, NULL},
	{LINUX("\"cgroupsPath\":\"system.slice:docker:abc\""), NULL, NULL},
	{LINUX(SPACES(NS("ipc")) ",\"sysctl\":{\"kernel.msgmax\":\"1\",\"kernel/"
				 "shmmax\":\"1\",\"kernel.sem\":\"1\","
				 "\"fs.mqueue.msg_max\":\"1\"}"),
		NULL, NULL},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net/ipv4/conf/eno2.100/rp_filter\":\"1\"}"),
		NULL, NULL},
	{LINUX(SPACES(NS("network") "," NS("ipc")) ",\"sysctl\":{\"kernel.domainname\":\"x\"}"),
		"/linux/sysctl/kernel.domainname", "shared with the host"},
	{LINUX("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}"), "/linux/sysctl/net.ipv4.ip_forward",
		"shared with the host"},
	{LINUX("\"sysctl\":{\"kernel/msgmax\":\"1\"}"), "/linux/sysctl/kernel~1msgmax",
		"shared with the host"},
	{LINUX(SPACES(NS("uts")) ",\"sysctl\":{\"kernel.hostname\":\"x\"}"),
		"/linux/sysctl/kernel.hostname", "set by /hostname"},
	{"\"domainname\":\"a\"," LINUX(
		 SPACES(NS("uts")) ",\"sysctl\":{\"kernel.domainname\":\"b\"}"),
		"/linux/sysctl/kernel.domainname", "another domain name"},
	{"\"domainname\":\"a\"," LINUX(
		 SPACES(NS("uts")) ",\"sysctl\":{\"kernel.domainname\":\"a\"}"),
		NULL, NULL},
	{LINUX("\"sysctl\":{\"vm.swappiness\":\"1\"}"), "/linux/sysctl/vm.swappiness",
		"belongs to no namespace"},
	{LINUX("\"sysctl\":{\"kernel.core_pattern\":\"|/x\"}"), "/linux/sysctl/kernel.core_pattern",
		"belongs to no namespace"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net/../kernel/core_pattern\":\"|/x\"}"),
		"/linux/sysctl/net~1..~1kernel~1core_pattern", "dots or slashes"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net//x\":\"1\"}"), "/linux/sysctl/net~1~1x",
		"dots or slashes"},
	{LINUX("\"sysctl\":{\"\":\"1\"}"), "/linux/sysctl/", "dots or slashes"},
	{LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/x\",\"major\":1}]"),
		"/linux/devices/0/minor", "needs major and minor"},
	{LINUX("\"devices\":[{\"type\":\"b\",\"path\":\"/dev/x\",\"minor\":1}]"),
		"/linux/devices/0/major", "needs major and minor"},
	{LINUX("\"devices\":[{\"type\":\"p\",\"path\":\"/dev/x\"}]"), NULL, NULL},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}"), "/linux/memoryPolicy/nodes",
		"needs nodes"},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}"),
		"/linux/memoryPolicy/nodes", "takes no nodes"},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-\"}"),
		"/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\",\"flags\":[\"MPOL_F_STATIC_NODES\","
	       "\"MPOL_F_RELATIVE_NODES\"]}"),
		"/linux/memoryPolicy/flags", "exclude each other"},
	{LINUX("\"personality\":{\"domain\":\"LINUX32\",\"flags\":[\"ADDR_NO_RANDOMIZE\"]}"),
		"/linux/personality/flags/0", "no personality flags"},
	{LINUX("\"personality\":{\"domain\":\"LINUX32\",\"flags\":[]}"), NULL, NULL},
	/* resources */
	{RESOURCES("\"unified\":{\"memory.high\":\"1M\"}"), NULL, NULL},
	{RESOURCES("\"unified\":{\"../x\":\"1M\"}"), "/linux/resources/unified/..~1x",
		"name of a file"},
	{RESOURCES("\"unified\":{\"..\":\"1M\"}"), "/linux/resources/unified/..", "name of a file"},
	{RESOURCES("\"unified\":{\"\":\"1M\"}"), "/linux/resources/unified/", "name of a file"},
	{RESOURCES("\"devices\":[{\"allow\":true,\"access\":\"rx\"}]"),
		"/linux/resources/devices/0/access", "letters of \"rwm\", got \"rx\""},
	{RESOURCES("\"devices\":[{\"allow\":true,\"type\":\"c\"}]"),
		"/linux/resources/devices/0/access", "needs access"},
	{RESOURCES("\"devices\":[{\"allow\":true,\"type\":\"a\"},{\"allow\":false}]"), NULL, NULL},
	{RESOURCES("\"memory\":{\"swap\":1000000}"), "/linux/resources/memory/swap",
		"needs a memory limit"},
	{RESOURCES("\"memory\":{\"swap\":-1}"), NULL, NULL},
	{RESOURCES("\"memory\":{\"limit\":1000,\"swap\":999}"), "/linux/resources/memory/swap",
		"is below"},
	{RESOURCES("\"memory\":{\"limit\":-1,\"swap\":999}"), "/linux/resources/memory/swap",
		"is below"},
	{RESOURCES("\"memory\":{\"limit\":1000,\"swap\":1000}"), NULL, NULL},
	{RESOURCES("\"cpu\":{\"quota\":1000,\"burst\":1001}"), "/linux/resources/cpu/burst",
		"above the quota"},
	{RESOURCES("\"cpu\":{\"quota\":-1,\"burst\":0}"), NULL, NULL},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}]"), NULL, NULL},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2mb\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"02MB\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2M\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"blockIO\":{\"weight\":9}"), "/linux/resources/blockIO/weight", "10 to 1000"},
	{RESOURCES("\"blockIO\":{\"leafWeight\":1}"), "/linux/resources/blockIO/leafWeight",
		"10 to 1000"},
	{RESOURCES("\"blockIO\":{\"weight\":0,\"leafWeight\":10}"), NULL, NULL},
	{RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0}]}"),
		"/linux/resources/blockIO/weightDevice/0", "needs weight or leafWeight"},
	{RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":5}]}"),
		"/linux/resources/blockIO/weightDevice/0/weight", "10 to 1000"},
	{RESOURCES("\"rdma\":{\"mlx5_0\":{}}"), "/linux/resources/rdma/mlx5_0",
		"hcaHandles or hcaObjects"},
	{RESOURCES("\"rdma\":{\"mlx5_0\":{\"hcaHandles\":3}}"), NULL, NULL},
	/* seccomp */
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1"),
		"/linux/seccomp/defaultErrnoRet", "carry an errno"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_TRACE\",\"defaultErrnoRet\":1"), NULL, NULL},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/x\""), NULL, NULL},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_NOTIFY\""), "/linux/seccomp/defaultAction",
		"needs /linux/seccomp/listenerPath"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\""),
		"/linux/seccomp/listenerMetadata", "needs listenerPath"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":"
		 "\"SCMP_ACT_NOTIFY\"}]"),
		"/linux/seccomp/syscalls/0/action", "needs /linux/seccomp/listenerPath"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":"
		 "\"SCMP_ACT_KILL\",\"errnoRet\":1}]"),
		"/linux/seccomp/syscalls/0/errnoRet", "carry an errno"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[],\"action\":"
		 "\"SCMP_ACT_KILL\"}]"),
		"/linux/seccomp/syscalls/0/names", "at least one entry"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"\"],\"action\":"
		 "\"SCMP_ACT_KILL\"}]"),
		"/linux/seccomp/syscalls/0/names/0", "empty string"},
};

static int check(const char *text, struct spec *spec, struct error *err)
{
	*spec = (struct spec){0};
	error_clear(err);
	return spec_decode(spec, text, strlen(text), err);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spec spec;
		struct error err;
		char text[4096];
		int status;

		snprintf(text, sizeof(text),
			"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s}", rows[i].text);
		status = check(text, &spec, &err);
		if (rows[i].pointer == NULL)
			ok(status == 0, "kept: %s", rows[i].text);
		else
			ok(status < 0 && strcmp(err.pointer, rows[i].pointer) == 0 &&
					strstr(err.message, rows[i].message) != NULL,
				"broken: %s", rows[i].text);
		if ((status == 0) != (rows[i].pointer == NULL) ||
			(status < 0 && strcmp(err.pointer, rows[i].pointer) != 0))
			printf("# %s: %s\n", err.pointer, err.message);
		spec_free(&spec);
	}
}

static void test_versions(void)
{
	static const char *const good[] = {"1.0.0", "1.0.2-dev", "1.0.0-rc5+dev", "1.3.0+dev",
		"1.2.1", "1.99.0", "1.0.0-rc.1", "1.0.0-0a", "1.0.0+001"};
	static const char *const bad[] = {"", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.00.0",
		"1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0 ", "1.0.0-a..b", "1.0.0-a_b", "invalid",
		"2.0.0", "0.1.0", "10.0.0"};
	struct spec spec;
	struct error err;
	char text[256];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}",
			good[i]);
		ok(check(text, &spec, &err) == 0, "version %s", good[i]);
		spec_free(&spec);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}",
			bad[i]);
		ok(check(text, &spec, &err) < 0 && strcmp(err.pointer, "/ociVersion") == 0,
			"no version: %s", bad[i]);
		spec_free(&spec);
	}
}

/* The kernel's limit, and one more. */
static void test_mapping_count(void)
{
	for (int count = 340; count <= 341; count++) {
		char *text = malloc(100000), *at = text;
		struct spec spec;
		struct error err;
		int status;

		at += sprintf(at,
			"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"linux\":{" SPACES(
				NS("user")) ",\"gidMappings\":" ONE_MAP ",\"uidMappings\":[");
		for (int i = 0; i < count; i++)
			at += sprintf(at, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}",
				i ? "," : "", i, i);
		sprintf(at, "]}}");
		status = check(text, &spec, &err);
		ok((status == 0) == (count == 340), "%d id mappings", count);
		spec_free(&spec);
		free(text);
	}
}

static void test_changed(void)
{
	static const char text[] = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}}";
	struct spec spec;
	struct error err;

	ok(check(text, &spec, &err) == 0 && spec_check(&spec.config, &err) == 0,
		"a good one is good again");
	spec.config.hostname = "changed";
	ok(spec_check(&spec.config, &err) < 0, "a changed one is checked anew");
	is_string(err.pointer, "/hostname", "with the pointer");
	is_string(err.hint, "add {\"type\": \"uts\"} to /linux/namespaces", "and what to do");
	spec_free(&spec);
}

int main(void)
{
	test_rows();
	test_versions();
	test_mapping_count();
	test_changed();
	return tap_end();
}

/* Every rule broken once, and kept just so. */
#include "tests/unit/rules.h"

static const struct rule_row rows[] = {
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
	{"\"domainname\":"
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," LINUX(
		 SPACES(NS("uts"))),
		NULL, NULL},
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
	{PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":2000,\"deadline\":2000,"
		 "\"period\":2000}"),
		NULL, NULL},
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
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\"],\"gidMappings\":" ONE_MAP
	       ",\"uidMappings\":[" MAP("0", "0", "10") "," MAP("9", "10", "1") "]"),
		"/mounts/0/uidMappings/1", "overlaps"},
	{MOUNT("\"source\":\"x\",\"options\":[\"bind\"],\"uidMappings\":" ONE_MAP
	       ",\"gidMappings\":[" MAP("0", "0", "10") "," MAP("10", "9", "1") "]"),
		"/mounts/0/gidMappings/1", "overlaps"},
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
		 "10", "20", "1") "," MAP("0", "0", "10") "," MAP("11", "10", "10") "]"),
		NULL, NULL},
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
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"\":\"1\"}"), "/linux/sysctl/",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net\":\"1\"}"), "/linux/sysctl/net",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\".net.a\":\"1\"}"), "/linux/sysctl/.net.a",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net.a.\":\"1\"}"), "/linux/sysctl/net.a.",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"/net/a\":\"1\"}"), "/linux/sysctl/~1net~1a",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net..a\":\"1\"}"), "/linux/sysctl/net..a",
		"names with dots"},
	{LINUX(SPACES(NS("network")) ",\"sysctl\":{\"net/../a\":\"1\"}"),
		"/linux/sysctl/net~1..~1a", "names with dots"},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_DEFAULT\"}"), NULL, NULL},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\"}"), NULL, NULL},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\"}"), NULL, NULL},
	{LINUX("\"personality\":{\"domain\":\"LINUX32\",\"flags\":[]}"), NULL, NULL},
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
	{NODES("0-"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("1,"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("1,,2"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES(",1"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("1024"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("0-1024"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("3-2"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("x"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("1x"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES(""), "/linux/memoryPolicy/nodes", "needs nodes"},
	{NODES("-1"), "/linux/memoryPolicy/nodes", "such as 0-3,7"},
	{NODES("9"), NULL, NULL},
	{NODES("1023"), NULL, NULL},
	{NODES("0-9"), NULL, NULL},
	{NODES("5-5"), NULL, NULL},
	{NODES("0-3, 7"), NULL, NULL},
	{NODES("0,1-2"), NULL, NULL},
	{LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\",\"flags\":[\"MPOL_F_STATIC_NODES\","
	       "\"MPOL_F_RELATIVE_NODES\"]}"),
		"/linux/memoryPolicy/flags", "exclude each other"},
	{LINUX("\"personality\":{\"domain\":\"LINUX32\",\"flags\":[\"ADDR_NO_RANDOMIZE\"]}"),
		"/linux/personality/flags/0", "no personality flags"},
	{LINUX("\"personality\":{\"domain\":\"LINUX32\",\"flags\":[]}"), NULL, NULL},
};

static void test_versions(void)
{
	static const char *const good[] = {"1.0.0", "1.0.2-dev", "1.0.0-rc5+dev", "1.3.0+dev",
		"1.2.1", "1.99.0", "1.0.0-rc.1", "1.0.0-0", "1.0.0-0a", "1.0.0+001"};
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
static void test_mapping_count(const char *before, const char *behind)
{
	for (int count = 340; count <= 341; count++) {
		char *text = malloc(100000), *at = text;
		struct spec spec;
		struct error err;
		int status;

		at += sprintf(at, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},%s", before);
		for (int i = 0; i < count; i++)
			at += sprintf(at, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}",
				i ? "," : "", i, i);
		sprintf(at, "%s}", behind);
		status = check(text, &spec, &err);
		ok((status == 0) == (count == 340), "%d id mappings: %s", count, before);
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
	rules_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
	test_versions();
	test_mapping_count("\"linux\":{" SPACES(NS("user")) ",\"gidMappings\":" ONE_MAP
							    ",\"uidMappings\":[",
		"]}");
	test_mapping_count("\"linux\":{" SPACES(NS("user")) ",\"uidMappings\":" ONE_MAP
							    ",\"gidMappings\":[",
		"]}");
	test_mapping_count("\"mounts\":[{\"destination\":\"/"
			   "m\",\"source\":\"x\",\"options\":[\"bind\"],\"gidMappings\":" ONE_MAP
			   ",\"uidMappings\":[",
		"]}]");
	test_mapping_count("\"mounts\":[{\"destination\":\"/"
			   "m\",\"source\":\"x\",\"options\":[\"bind\"],\"uidMappings\":" ONE_MAP
			   ",\"gidMappings\":[",
		"]}]");
	test_changed();
	return tap_end();
}

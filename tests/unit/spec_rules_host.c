/* The same of what the host gives and denies: resources, devices and caches that it lends, system
 * calls. */
#include "tests/unit/rules.h"

static const struct rule_row rows[] = {
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
	{RESOURCES("\"memory\":{\"swap\":0}"), NULL, NULL},
	{RESOURCES("\"memory\":{\"limit\":1000,\"swap\":0}"), NULL, NULL},
	{RESOURCES("\"memory\":{\"limit\":1000,\"swap\":-1}"), NULL, NULL},
	{RESOURCES("\"memory\":{\"limit\":-1,\"swap\":-1}"), NULL, NULL},
	{RESOURCES("\"cpu\":{\"quota\":0,\"burst\":5}"), NULL, NULL},
	{RESOURCES("\"cpu\":{\"quota\":-1,\"burst\":5}"), NULL, NULL},
	{RESOURCES("\"cpu\":{\"quota\":1000,\"burst\":1000}"), NULL, NULL},
	{RESOURCES("\"cpu\":{\"quota\":-1,\"burst\":0}"), NULL, NULL},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}]"), NULL, NULL},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2mb\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"02MB\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"MB\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"2M\",\"limit\":0}]"),
		"/linux/resources/hugepageLimits/0/pageSize", "such as 2MB"},
	{RESOURCES("\"blockIO\":{\"weight\":9}"), "/linux/resources/blockIO/weight", "10 to 1000"},
	{RESOURCES("\"blockIO\":{\"leafWeight\":1}"), "/linux/resources/blockIO/leafWeight",
		"10 to 1000"},
	{RESOURCES("\"blockIO\":{\"weight\":0,\"leafWeight\":10}"), NULL, NULL},
	{RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10},{"
		   "\"major\":8,\"minor\":1,\"leafWeight\":1000}]}"),
		NULL, NULL},
	{RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0}]}"),
		"/linux/resources/blockIO/weightDevice/0", "needs weight or leafWeight"},
	{RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":5}]}"),
		"/linux/resources/blockIO/weightDevice/0/weight", "10 to 1000"},
	{RESOURCES("\"rdma\":{\"mlx5_0\":{}}"), "/linux/resources/rdma/mlx5_0",
		"hcaHandles or hcaObjects"},
	{RESOURCES("\"rdma\":{\"mlx5_0\":{\"hcaHandles\":3}}"), NULL, NULL},
	{RESOURCES("\"unified\":{\"cgroup.procs\":\"1\"}"), "/linux/resources/unified/cgroup.procs",
		"name of a limit, got \"cgroup.procs\""},
	{RESOURCES("\"unified\":{\"memory.high\":\"1\",\"cgroup.freeze\":\"1\"}"),
		"/linux/resources/unified/cgroup.freeze", "got \"cgroup.freeze\""},
	{RESOURCES("\"unified\":{\"cgroup.max.depth\":\"1\"}"), NULL, NULL},
	/* what the host lends */
	{LINUX("\"netDevices\":{\"eth0\":{}}"), "/linux/netDevices", "needs a network namespace"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"eth0\":{},\"eth1\":{}}"), NULL, NULL},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"\":{}}"), "/linux/netDevices/",
		"name of a network device"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"a/b\":{}}"), "/linux/netDevices/a~1b",
		"name of a network device"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"..\":{}}"), "/linux/netDevices/..",
		"name of a network device"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\".\":{}}"), "/linux/netDevices/.",
		"name of a network device"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"eth%d\":{}}"), "/linux/netDevices/eth%d",
		"name of a network device"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"abcdefghijklmno\":{}}"), NULL, NULL},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"abcdefghijklmnop\":{}}"),
		"/linux/netDevices/abcdefghijklmnop", "name of a network device"},
	{LINUX(SPACES(
		 NS("network")) ",\"netDevices\":{\"a\":{\"name\":\"c\"},\"b\":{\"name\":\"c\"}}"),
		"/linux/netDevices/b/name", "the same name"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"a\":{},\"b\":{\"name\":\"a\"}}"),
		"/linux/netDevices/b/name", "the same name"},
	{LINUX(SPACES(NS(
		 "network")) ",\"netDevices\":{\"a\":{\"name\":\"e%d\"},\"b\":{\"name\":\"e%d\"}}"),
		NULL, NULL},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"a\":{\"name\":\"e%d%d\"}}"),
		"/linux/netDevices/a/name", "at most once"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"a\":{\"name\":\"e%s\"}}"),
		"/linux/netDevices/a/name", "at most once"},
	{LINUX(SPACES(NS("network")) ",\"netDevices\":{\"a\":{\"name\":\"e e\"}}"),
		"/linux/netDevices/a/name", "at most once"},
	{LINUX("\"intelRdt\":{\"closID\":\"/\"}"), NULL, NULL},
	{LINUX("\"intelRdt\":{\"closID\":\"a/b\"}"), "/linux/intelRdt/closID", "name of a group"},
	{LINUX("\"intelRdt\":{\"closID\":\"..\"}"), "/linux/intelRdt/closID", "name of a group"},
	{LINUX("\"intelRdt\":{\"closID\":\".\"}"), "/linux/intelRdt/closID", "name of a group"},
	{LINUX("\"intelRdt\":{\"l3CacheSchema\":\"L3:0=f\\nL3:1=f\"}"),
		"/linux/intelRdt/l3CacheSchema", "expected one line"},
	{LINUX("\"intelRdt\":{\"memBwSchema\":\"MB:0=20\"}"), NULL, NULL},
	{LINUX("\"intelRdt\":{\"memBwSchema\":\"L3:0=f\"}"), "/linux/intelRdt/memBwSchema",
		"begins with MB:"},
	{LINUX("\"intelRdt\":{\"memBwSchema\":\"MB:0=20\\nL3:0=f\"}"),
		"/linux/intelRdt/memBwSchema", "begins with MB:"},
	{LINUX("\"intelRdt\":{\"schemata\":[\"L3:0=f\",\"MB:0=20\\n\"]}"),
		"/linux/intelRdt/schemata/1", "expected one line"},
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
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":\"SCMP_ACT_KILL\",\"args\":[" ARG "," ARG "," ARG "," ARG "," ARG
		 "," ARG "]}]"),
		NULL, NULL},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":\"SCMP_ACT_KILL\",\"args\":[" ARG "," ARG "," ARG "," ARG "," ARG
		 "," ARG "," ARG "]}]"),
		"/linux/seccomp/syscalls/0/args", "at most 6"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[],\"action\":"
		 "\"SCMP_ACT_KILL\"}]"),
		"/linux/seccomp/syscalls/0/names", "at least one entry"},
	{SECCOMP("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"\"],\"action\":"
		 "\"SCMP_ACT_KILL\"}]"),
		"/linux/seccomp/syscalls/0/names/0", "empty string"},
};

int main(void)
{
	rules_check_rows(rows, sizeof(rows) / sizeof(rows[0]));
	return tap_end();
}

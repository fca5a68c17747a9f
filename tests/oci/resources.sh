#!/bin/bash
# Each resource, as the kernel shows it; and the values that are refused before anything is made.

. "${0%/*}/lib.sh"

# file NAME...: what the first of these files of the container's cgroup says, in whichever hierarchy it is
file() {
	local name path

	for name; do
		for path in /sys/fs/cgroup/*"$CGROUP/$ID/$name" "/sys/fs/cgroup$CGROUP/$ID/$name"; do
			[ -e "$path" ] && cat "$path" && return
		done
	done
	fail "no hierarchy has $*"
}

# Only the unified tree.
is_v2() {
	[ -e /sys/fs/cgroup/cgroup.controllers ]
}

# with RESOURCES: a container with these is made
with() {
	bundle ".linux.resources += $1" 'sleep 100'
	create
}

# with_v1 RESOURCES POINTER: the same for what v2 has nothing like: there it is refused, and the test is over
with_v1() {
	if is_v2; then
		runtime_differs runc 'it may take it'
		bundle ".linux.resources += $1"
		expect_refused "$2"
		exit
	fi
	with "$1"
}

# [config-linux-cg-26] swappiness
test_swappiness() {
	with_v1 '{"memory": {"swappiness": 30}}' /linux/resources/memory/swappiness
	expect_eq 30 "$(file memory.swappiness)" swappiness
	rt delete --force "$ID"
	bundle '.linux.resources.memory.swappiness = 101'
	expect_refused /linux/resources/memory/swappiness
}

# [config-linux-cg-27] the OOM killer can be switched off
test_oom_killer() {
	with_v1 '{"memory": {"limit": 67108864, "disableOOMKiller": true}}' /linux/resources/memory/disableOOMKiller
	expect_match '^oom_kill_disable 1$' "$(file memory.oom_control)"
}

# [config-linux-cg-28] accounting is hierarchical
test_hierarchical() {
	with '{"memory": {"useHierarchy": true}}'
	if is_v2; then # always, there
		rt delete --force "$ID"
		with_v1 '{"memory": {"useHierarchy": false}}' /linux/resources/memory/useHierarchy
	fi
	expect_eq 1 "$(file memory.use_hierarchy)" hierarchy
}

# [config-linux-cg-12] [config-linux-cg-13] the cgroups stay root's, whoever the program is
test_owner() {
	bundle '.process.user = {"uid": 1000, "gid": 1000} | .linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings' 'sleep 100'
	chmod 711 "$OCI_WORK" "$HERE" "$BUNDLE"
	create
	expect_eq '0 0' "$(find /sys/fs/cgroup -path "*$CGROUP/$ID" -printf '%U %G\n' | sort -u)" owner
}

# [config-linux-cg-31] CPU shares
test_shares() {
	local shares

	with '{"cpu": {"shares": 512}}'
	expect_match '^(512|59)$' "$(file cpu.shares cpu.weight)" shares
	is_v2 || for shares in 1 262145; do
		rt delete --force "$ID"
		bundle ".linux.resources.cpu.shares = $shares"
		expect_refused /linux/resources/cpu/shares # v1 would keep others
	done
}

# [config-linux-cg-33] an idle cgroup
test_idle() {
	runtime_differs runc 'this version does not know it'
	with '{"cpu": {"idle": 1}}'
	expect_eq 1 "$(file cpu.idle)" idle
}

# [config-linux-cg-30] a burst above the quota is refused
test_burst() {
	runtime_differs runc 'this version does not know it'
	with '{"cpu": {"quota": 20000, "period": 100000, "burst": 10000}}'
	expect_eq 10000 "$(file cpu.cfs_burst_us cpu.max.burst)" burst
	rt delete --force "$ID"
	bundle '.linux.resources.cpu = {"quota": 20000, "period": 100000, "burst": 30000}'
	expect_refused /linux/resources/cpu/burst
}

# [config-linux-cg-34] real-time shares: those of a new cgroup are 0, and more than its parent has is refused
test_realtime() {
	is_v2 || compgen -G '/sys/fs/cgroup/cpu*/cpu.rt_period_us' >/dev/null || skip 'the kernel has no such limit'
	with_v1 '{"cpu": {"realtimePeriod": 500000}}' /linux/resources/cpu/realtimePeriod
	expect_eq 500000 "$(file cpu.rt_period_us)" period
	rt delete --force "$ID"
	bundle '.linux.resources.cpu = {"realtimeRuntime": 2000000}'
	expect_refused /linux/resources/cpu/realtimeRuntime
}

# A block device that is there, as "MAJOR MINOR".
block_device() {
	lsblk -dnro MAJ:MIN 2>/dev/null | head -n 1 | tr ':' ' ' || :
}

# [config-linux-cg-36] throttled devices
test_throttle() {
	local major minor

	read -r major minor < <(block_device) || skip 'needs a block device'
	with '{"blockIO": {"throttleReadBpsDevice": [{"major": '"$major"', "minor": '"$minor"', "rate": 1048576}],
		"throttleWriteIOPSDevice": [{"major": '"$major"', "minor": '"$minor"', "rate": 20}]}}'
	expect_match "^$major:$minor (1048576|rbps=1048576 .*)\$" "$(file blkio.throttle.read_bps_device io.max)"
	expect_match "^$major:$minor (20|.* wiops=20)\$" "$(file blkio.throttle.write_iops_device io.max)"
	rt delete --force "$ID"
	if is_v2; then
		with '{"unified": {"io.max": "'"$major:$minor"' wbps=max rbps=5000000000 riops=7"}}'
		expect_match "^$major:$minor rbps=5000000000 wbps=max riops=7 wiops=max\$" "$(file io.max)"
		rt delete --force "$ID"
		bundle '.linux.resources.unified."io.max" = "'"$major:$minor"' wbps=1M"' # the kernel takes it for 1
		expect_refused /linux/resources/unified/io.max
	fi
	bundle '.linux.resources.blockIO.throttleReadBpsDevice = [{"major": 8, "minor": 0}]'
	expect_refused /linux/resources/blockIO/throttleReadBpsDevice/0/rate
}

# [config-linux-cg-35] a weight for a device is one of two
test_weight_device() {
	bundle '.linux.resources.blockIO.weightDevice = [{"major": 8, "minor": 0}]'
	runtime_differs runc 'it takes it'
	expect_refused -
	expect_match '^/linux/resources/blockIO/weightDevice/0' "$(jq -r .pointer "$HERE/errors")" pointer
}

# [config-linux-cg-37] [config-linux-cg-38] huge pages by their size, and sizes that there are not
test_hugepages() {
	local size

	grep -q '^hugetlb' /proc/cgroups || skip 'the kernel has no such controller'
	with '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
	expect_eq 4194304 "$(file hugetlb.2MB.limit_in_bytes hugetlb.2MB.max)" limit
	runtime_differs runc 'this version leaves reservations alone'
	expect_eq 4194304 "$(file hugetlb.2MB.rsvd.limit_in_bytes hugetlb.2MB.rsvd.max)" 'limit of reservations'
	rt delete --force "$ID"
	for size in 3MB 2mb 2M ../2MB; do
		bundle '.linux.resources.hugepageLimits = [{"pageSize": $size, "limit": 0}]' '' --arg size "$size"
		runtime_differs runc 'it takes some'
		expect_refused -
		expect_match '^/linux/resources/hugepageLimits/0' "$(jq -r .pointer "$HERE/errors")" "pointer for $size"
	done
	bundle '.linux.resources.hugepageLimits = [{"pageSize": "2MB", "limit": 5000000}]' 'sleep 100'
	start
	expect_eq 4194304 "$(file hugetlb.2MB.limit_in_bytes hugetlb.2MB.max)" 'limit in whole pages'
	rt verify "$ID"
}

# [config-linux-cg-39] [config-linux-cg-40] the class of packets, and priorities on the host's interfaces
test_network() {
	is_v2 || grep -q 'cgroup.*\bnet_cls\b' /proc/self/mountinfo || skip 'the host has no such hierarchy'
	with_v1 '{"network": {"classID": 1048577, "priorities": [{"name": "lo", "priority": 5}]}}' /linux/resources/network/classID
	expect_eq 1048577 "$(file net_cls.classid)" class
	expect_match '^lo 5$' "$(file net_prio.ifpriomap)"
	rt delete --force "$ID"
	bundle '.linux.resources.network.priorities = [{"name": "no-such", "priority": 5}]'
	expect_refused /linux/resources/network/priorities/0
}

# [config-linux-cg-42] a limit of RDMA is about handles or objects
test_rdma() {
	bundle '.linux.resources.rdma = {"mlx5_0": {}}'
	runtime_differs runc 'it takes it'
	expect_refused /linux/resources/rdma/mlx5_0
}

run_tests

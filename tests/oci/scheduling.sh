#!/bin/bash
# When and where the process runs: scheduler, priorities, CPUs, memory nodes, shares of caches.

. "${0%/*}/lib.sh"

# scheduled FILTER: what the program's scheduler is
scheduled() {
	bundle ".process.scheduler = $1 | .process.args = [\"probe\", \"scheduler\"]"
	capture rt --cgroup-manager "${MANAGER-cgroupfs}" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	echo "$OUT"
}

# [config-process-25] each policy, with its own parameters
test_scheduler() {
	runtime_differs runc 'this version does not know it'
	expect_eq '0 0 7 0' "$(scheduled '{"policy": "SCHED_OTHER", "nice": 7}' | cut -d' ' -f1-4)" other
	expect_eq '3 0 -5 0' "$(scheduled '{"policy": "SCHED_BATCH", "nice": -5}' | cut -d' ' -f1-4)" batch
	expect_eq 5 "$(scheduled '{"policy": "SCHED_IDLE"}' | cut -d' ' -f1)" idle
	expect_eq '0 1 0 0' "$(scheduled '{"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_RESET_ON_FORK"]}' | cut -d' ' -f1-4)" flags
}

# [config-process-25] the real-time policies
test_scheduler_realtime() {
	runtime_differs runc 'this version does not know it'
	MANAGER=disabled # a new cgroup may have no real-time share
	expect_eq '1 0 0 42' "$(scheduled '{"policy": "SCHED_FIFO", "priority": 42}' | cut -d' ' -f1-4)" fifo
	expect_eq '2 0 0 1' "$(scheduled '{"policy": "SCHED_RR", "priority": 1}' | cut -d' ' -f1-4)" rr
	expect_eq '6 1 0 0 1000000 5000000 10000000' "$(scheduled '{"policy": "SCHED_DEADLINE", "runtime": 1000000,
		"deadline": 5000000, "period": 10000000, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}')" deadline
}

# [config-process-26] a number that is absent is 0, even if the caller is niced
test_scheduler_absent() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.scheduler = {"policy": "SCHED_OTHER"} | .process.args = ["probe", "scheduler"]'
	capture nice -n 5 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_eq '0 0 0 0' "$(cut -d' ' -f1-4 <<<"$OUT")" scheduler
	bundle '.process.args = ["probe", "scheduler"]'
	capture nice -n 5 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_eq "0 0 $(($(nice) + 5)) 0" "$(cut -d' ' -f1-4 <<<"$OUT")" 'scheduler that nobody asked for'
}

# [config-process-25] policies, flags and parameters that do not go together are refused
test_bad_scheduler() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.scheduler = {"nice": 1}'
	expect_refused /process/scheduler/policy
	bundle '.process.scheduler = {"policy": "SCHED_FOO"}'
	expect_refused /process/scheduler/policy
	bundle '.process.scheduler = {"policy": "SCHED_OTHER", "nice": 20}'
	expect_refused /process/scheduler/nice
	bundle '.process.scheduler = {"policy": "SCHED_OTHER", "priority": 1}'
	expect_refused /process/scheduler/priority
	bundle '.process.scheduler = {"policy": "SCHED_FIFO"}'
	expect_refused /process/scheduler/priority
	bundle '.process.scheduler = {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_FOO"]}'
	expect_refused /process/scheduler/flags/0
	bundle '.process.scheduler = {"policy": "SCHED_OTHER", "deadline": 5000000}'
	expect_refused /process/scheduler/deadline
}

# [config-process-25] flags about clamps reach the kernel: what it says then is whether it has any
test_scheduler_clamps() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.scheduler = {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_UTIL_CLAMP_MIN"]}'
	run
	[ "$STATUS" = 0 ] || expect_match '/process/scheduler: .*not supported' "$ERR" stderr
}

# [config-annot-10] a policy that the specification has and the kernel has not is the kernel's refusal
test_scheduler_unsupported() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.scheduler = {"policy": "SCHED_ISO"}'
	expect_refused /process/scheduler
	expect_match 'invalid argument' "$ERR" stderr
}

# [config-process-28] the I/O priority is that of the program and of what it starts
test_io_priority() {
	runtime_differs runc 'this version does not know it'
	run_ok '.process.ioPriority = {"class": "IOPRIO_CLASS_IDLE", "priority": 0}' 'probe io-priority; sh -c "probe io-priority"'
	expect_out $'3 0\n3 0'
	run_ok '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 6}' 'probe io-priority'
	expect_out '2 6'
	run_ok '.process.ioPriority = {"class": "IOPRIO_CLASS_RT", "priority": 3}' 'probe io-priority'
	expect_out '1 3'
}

# [config-process-28] it is set for the process group
test_io_priority_group() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 6}'
	traced -e trace=ioprio_set -- run --bundle "$BUNDLE" "$ID"
	expect_match 'ioprio_set\(IOPRIO_WHO_PGRP, 0,' "$(<"$HERE/trace")" trace
}

# [config-process-29] classes and levels that are none are refused
test_bad_io_priority() {
	runtime_differs runc 'this version does not know it'
	bundle '.process.ioPriority = {"priority": 1}'
	expect_refused /process/ioPriority/class
	bundle '.process.ioPriority = {"class": "IOPRIO_CLASS_NONE", "priority": 1}'
	expect_refused /process/ioPriority/class
	bundle '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 8}'
	expect_refused /process/ioPriority/priority
	bundle '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": -1}'
	expect_refused /process/ioPriority/priority
}

two_cpus() {
	[ "$(nproc)" -ge 2 ] || skip 'needs two CPUs'
}

# [config-process-30] execCPUAffinity is not for the container's own process
test_affinity_init() {
	runtime_differs runc 'this version does not know it'
	two_cpus
	run_ok '.process.execCPUAffinity = {"initial": "0", "final": "0"}' 'grep Cpus_allowed_list /proc/self/status'
	expect_eq "$(grep Cpus_allowed_list /proc/self/status)" "$OUT" affinity
}

# the caller's own CPUs are not the container's
test_affinity_caller() {
	runtime_differs runc 'this version hands them on'
	two_cpus
	taskset -pc 0 "$BASHPID" >/dev/null
	start_ok . 'sleep 100'
	expect_eq "$(grep Cpus_allowed_list /proc/1/status)" "$(grep Cpus_allowed_list "/proc/$PID/status")" init
	expect_eq "$(grep Cpus_allowed_list /proc/1/status)" \
		"$(rt exec "$ID" grep Cpus_allowed_list /proc/self/status </dev/null)" exec
}

# [config-process-31] [config-process-32] exec begins on the initial CPUs, and runs on the final ones
test_affinity() {
	runtime_differs runc 'this version does not know it'
	two_cpus
	start_ok '.process.execCPUAffinity = {"initial": "0", "final": "1"}' 'sleep 100'
	expect_eq 1 "$(rt exec "$ID" grep Cpus_allowed_list /proc/self/status </dev/null | cut -f2)" final
	traced -e trace=sched_setaffinity,write,execve -- exec "$ID" true
	expect_eq 'sched_setaffinity write sched_setaffinity execve' "$(grep -oE 'sched_setaffinity|write\([0-9]+, "0"|execve\("/bin/true' "$HERE/trace" |
		sed 's/(.*//' | uniq | xargs)" 'order of calls'
	expect_match 'sched_setaffinity\(0, 8, \[0\]\)' "$(head -n 1 <(grep setaffinity "$HERE/trace"))" 'first call'
}

# [config-process-31] [config-process-32] one of the two, and one of the process document instead of the configuration's
test_affinity_parts() {
	runtime_differs runc 'this version does not know it'
	two_cpus
	start_ok '.process.execCPUAffinity = {"final": "1"}' 'sleep 100'
	expect_eq 1 "$(rt exec "$ID" grep Cpus_allowed_list /proc/self/status </dev/null | cut -f2)" 'only final'
	echo '{"args": ["grep", "Cpus_allowed_list", "/proc/self/status"], "cwd": "/", "env": ["PATH=/bin"]}' >"$HERE/plain.json"
	expect_eq 1 "$(rt exec --process "$HERE/plain.json" "$ID" </dev/null | cut -f2)" "the configuration's"
	jq '.execCPUAffinity = {"final": "0"}' "$HERE/plain.json" >"$HERE/own.json"
	expect_eq 0 "$(rt exec --process "$HERE/own.json" "$ID" </dev/null | cut -f2)" "the document's"
	jq '.execCPUAffinity = {"initial": "0"}' "$HERE/plain.json" >"$HERE/own.json"
	traced -e trace=sched_setaffinity -- exec --process "$HERE/own.json" "$ID" >/dev/null
	expect_eq 1 "$(grep -c sched_setaffinity "$HERE/trace")" 'calls without final'
}

# [config-process-31] lists that are none are refused, at create as well
test_bad_affinity() {
	local list

	runtime_differs runc 'this version does not know it'
	for list in 1-0 x 0, 99999; do
		bundle '.process.execCPUAffinity = {"initial": $list}' '' --arg list "$list"
		expect_refused /process/execCPUAffinity/initial
	done
	start_ok '.process.execCPUAffinity = {"final": "4000"}' 'sleep 100'
	rm "$HERE/errors"
	capture rt --log "$HERE/errors" --log-format json exec "$ID" true
	expect_status 255
	expect_record /process/execCPUAffinity/final
}

# [config-linux-mpol-01] [config-linux-mpol-02] [config-linux-mpol-03] the memory policy, its nodes and flags
test_memory_policy() {
	runtime_differs runc 'this version does not know it'
	bundle '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0"} | .process.args = ["probe", "memory-policy"]'
	run
	[[ $ERR != *'not implemented'* ]] || skip 'the kernel has no memory policies'
	expect_out '2 1'
	run_ok '.linux.memoryPolicy = {"mode": "MPOL_INTERLEAVE", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]} |
		.process.args = ["probe", "memory-policy"]'
	expect_out '32771 1'
	start_ok '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0"}' 'sleep 100'
	expect_eq '2 1' "$(rt exec "$ID" probe memory-policy </dev/null)" 'policy of another process'
	rt delete --force "$ID"
	run_ok '.linux.memoryPolicy = {"mode": "MPOL_PREFERRED", "nodes": "0-0"} | .process.args = ["probe", "memory-policy"]'
	expect_out '1 1'
	run_ok '.linux.memoryPolicy = {"mode": "MPOL_LOCAL"} | .process.args = ["probe", "memory-policy"]'
	expect_out '4 0'
	run_ok '.linux.memoryPolicy = {"mode": "MPOL_DEFAULT"} | .process.args = ["probe", "memory-policy"]'
	expect_out '0 0'
}

# [config-linux-mpol-01] [config-linux-mpol-02] [config-linux-mpol-03] memory policies that are none are refused
test_bad_memory_policy() {
	runtime_differs runc 'this version does not know it'
	bundle '.linux.memoryPolicy = {"nodes": "0"}'
	expect_refused /linux/memoryPolicy/mode
	bundle '.linux.memoryPolicy = {"mode": "MPOL_FOO", "nodes": "0"}'
	expect_refused /linux/memoryPolicy/mode
	bundle '.linux.memoryPolicy = {"mode": "MPOL_BIND"}'
	expect_refused /linux/memoryPolicy/nodes
	bundle '.linux.memoryPolicy = {"mode": "MPOL_LOCAL", "nodes": "0"}'
	expect_refused /linux/memoryPolicy/nodes
	bundle '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0,x"}'
	expect_refused /linux/memoryPolicy/nodes
	bundle '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_FOO"]}'
	expect_refused /linux/memoryPolicy/flags/0
	bundle '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}'
	expect_refused /linux/memoryPolicy/flags
}

# [config-linux-paths-12] there are no personality flags
test_personality_flags() {
	runtime_differs runc 'this version does not know it'
	bundle '.linux.personality = {"domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]}'
	expect_refused /linux/personality/flags/0
	bundle '.linux.personality = {"flags": []}'
	expect_refused /linux/personality/domain
	run_ok '.linux.personality = {"domain": "LINUX", "flags": []}' 'uname -m'
	expect_out "$(uname -m)"
}

# [config-linux-rdt-02] shares of caches need the resctrl filesystem
test_resctrl_missing() {
	runtime_differs runc 'this version ignores it'
	grep -q resctrl /proc/mounts && skip 'it is mounted'
	bundle '.linux.intelRdt = {"closID": "x", "l3CacheSchema": "L3:0=f"}'
	expect_refused /linux/intelRdt
	expect_match 'resctrl filesystem is not mounted' "$ERR" stderr
}

# [config-linux-rdt-03] who asks for no shares has nothing to do with it
test_resctrl_unused() {
	runtime_differs runc 'it looks for it in any case'
	bundle
	traced -e trace=file -- run --bundle "$BUNDLE" "$ID"
	expect_no_match 'resctrl|/proc/self/mounts"' "$(<"$HERE/trace")" trace
}

# [config-linux-rdt-04] [config-linux-rdt-05] [config-linux-rdt-06] [config-linux-rdt-07] names and lines that are none are refused
test_bad_resctrl() {
	local name

	runtime_differs runc 'this version does not check'
	for name in . .. a/b /a; do
		bundle '.linux.intelRdt = {"closID": $name}' '' --arg name "$name"
		expect_refused /linux/intelRdt/closID
	done
	for name in 'L3:0=f' $'MB:0=10\nL3:0=f' 'mb:0=10'; do
		bundle '.linux.intelRdt = {"memBwSchema": $name}' '' --arg name "$name"
		expect_refused /linux/intelRdt/memBwSchema
	done
	bundle '.linux.intelRdt = {"l3CacheSchema": "L3:0=f\nMB:0=1"}'
	expect_refused /linux/intelRdt/l3CacheSchema
	bundle '.linux.intelRdt = {"schemata": ["L3:0=f", "L3:0=f\nMB:0=1"]}'
	expect_refused /linux/intelRdt/schemata/1
}

run_tests

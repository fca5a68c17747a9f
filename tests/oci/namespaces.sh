#!/bin/bash
# Namespaces: new, inherited, joined by path, and what each of them isolates.

. "${0%/*}/lib.sh"

# File names below /proc/PID/ns by the specification's words.
declare -A FILES=([pid]=pid [network]=net [mount]=mnt [ipc]=ipc [uts]=uts [cgroup]=cgroup [time]=time)

namespace_of() {
	readlink "/proc/$1/ns/${FILES[$2]}"
}

# [config-linux-ns-13] each type without path is a fresh namespace
test_fresh() {
	local type

	bundle '.linux.namespaces += [{"type": "cgroup"}]' 'sleep 100'
	start
	for type in pid network mount ipc uts cgroup; do
		[ "$(namespace_of "$PID" $type)" != "$(namespace_of self $type)" ] || fail "$type is the caller's"
	done
}

# [config-linux-ns-14] a type that is not listed is the caller's
test_inherited() {
	local type

	start_ok '.linux.namespaces = [{"type": "mount"}] | del(.hostname)
		| .mounts |= map(select(.type != "sysfs" and .type != "mqueue"))' 'sleep 100'
	for type in pid network ipc uts cgroup time; do
		expect_eq "$(namespace_of self $type)" "$(namespace_of "$PID" $type)" "$type"
	done
}

# [config-linux-ns-01] in a new pid namespace the program is process 1 and sees only its own
test_pid() {
	run_ok '.' 'echo $$; ls /proc | grep -c "^[0-9]"'
	expect_eq 1 "$(head -n 1 <<<"$OUT")" pid
	(($(tail -n 1 <<<"$OUT") <= 4)) || fail "sees $OUT"
}

# [config-linux-ns-02] a new network has only a loopback interface, and it is up
test_network() {
	run_ok '.' 'ls /sys/class/net; ip link show'
	expect_eq lo "$(head -n 1 <<<"$OUT")" interfaces
	expect_match 'LOOPBACK,UP' "$OUT"
	# Some kernels have the ends of tunnels in every network from the beginning; those are down.
	expect_no_match '^[2-9]:.*[<,]UP' "$OUT" interfaces
}

# [config-linux-ns-03] the host's mount table does not change
test_mount() {
	local before

	before=$(</proc/self/mountinfo)
	start_ok '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]' 'sleep 100'
	expect_eq "$before" "$(</proc/self/mountinfo)" mountinfo
}

# [config-linux-ns-04] System V IPC objects are its own
test_ipc() {
	local key

	key=$(ipcmk -Q | sed 's/.*: //')
	run_ok '.' 'cat /proc/sysvipc/msg'
	expect_match " $key " "$(</proc/sysvipc/msg)" 'queues outside'
	ipcrm -q "$key"
	expect_no_match '^ +[0-9]' "$OUT" 'queues inside'
}

# [config-linux-ns-05] a host name set inside is not seen outside
test_uts() {
	local before

	before=$(hostname)
	run_ok '.process.noNewPrivileges = false
		| .process.capabilities[] += ["CAP_SYS_ADMIN"]' 'hostname changed; hostname'
	expect_out changed
	expect_eq "$before" "$(hostname)" 'host name'
}

# [config-linux-ns-07] in a new cgroup namespace the container sees itself at the root
test_cgroup() {
	run_ok '.linux.namespaces += [{"type": "cgroup"}]' 'cat /proc/self/cgroup'
	expect_eq '' "$(sed '/:\/$/d' <<<"$OUT")" 'cgroups below the root'
}

# [config-linux-ns-08] [config-linux-ns-19] a new time namespace has its own clocks
test_time() {
	bundle '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 864000, "nanosecs": 5}}' \
		'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime'
	runtime_differs runc 'this version does not know it'
	run
	expect_status 0
	expect_match '^boottime +864000 +5$' "$OUT"
	(($(tail -n 1 <<<"$OUT") >= 864000)) || fail "uptime is $OUT"
}

# [config-linux-ns-19] [config-linux-ns-20] offsets of other clocks, of too many nanoseconds, or without the namespace, are refused
test_bad_time() {
	runtime_differs runc 'this version does not know it'
	bundle '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"nanosecs": 1000000000}}'
	expect_refused /linux/timeOffsets/boottime/nanosecs
	bundle '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"realtime": {"secs": 1}}'
	expect_refused /linux/timeOffsets/realtime
	bundle '.linux.timeOffsets = {"boottime": {"secs": 1}}'
	expect_refused /linux/timeOffsets
	bundle '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": -100000000}}'
	expect_refused /linux/timeOffsets
	edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	expect_refused /linux/timeOffsets
}

# [config-linux-ns-11] each type can be joined by path
test_join() {
	local type

	for type in network ipc uts; do
		touch "$HERE/$type"
		unshare "--${FILES[$type]}=$HERE/$type" true
	done
	start_ok '.linux.namespaces |= map(if .type == "network" or .type == "ipc" or .type == "uts"
		then .path = $here + "/" + .type else . end) | del(.hostname)' 'sleep 100'
	for type in network ipc uts; do
		expect_eq "$(nsenter "--${FILES[$type]}=$HERE/$type" readlink "/proc/self/ns/${FILES[$type]}")" \
			"$(namespace_of "$PID" $type)" "$type"
		umount "$HERE/$type"
	done
}

# [config-linux-ns-11] a pid namespace can be joined by path
test_join_pid() {
	local first

	start_ok '.' 'sleep 100'
	first=$PID
	ID=$ID-b
	start_ok '(.linux.namespaces[] | select(.type == "pid")).path = "/proc/'"$first"'/ns/pid"' 'sleep 100'
	expect_eq "$(namespace_of "$first" pid)" "$(namespace_of "$PID" pid)" pid
	expect_match '^NSpid:.*[^1]$' "$(grep NSpid "/proc/$PID/status")" 'pid inside'
	expect_state running
}

# [config-linux-ns-12] a path to a namespace of another type is refused
test_join_wrong_type() {
	bundle '(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/self/ns/uts"'
	expect_refused /linux/namespaces/2
}

# [config-linux-ns-10] a relative path is refused, and one that is not there
test_join_bad_path() {
	bundle '(.linux.namespaces[] | select(.type == "ipc")).path = "proc/self/ns/ipc"'
	expect_refused /linux/namespaces/2/path
	bundle '(.linux.namespaces[] | select(.type == "ipc")).path = "/no/such/namespace"'
	expect_refused /linux/namespaces/2
	bundle '(.linux.namespaces[] | select(.type == "ipc")).path = "/etc/passwd"'
	expect_refused /linux/namespaces/2
}

# [config-linux-ns-10] a path that is a FIFO is refused at once
test_join_fifo() {
	mkfifo "$HERE/fifo"
	runtime_differs runc 'it hangs'
	bundle '(.linux.namespaces[] | select(.type == "ipc")).path = $here + "/fifo"'
	expect_refused /linux/namespaces/2
}

# [config-linux-ns-09] an unknown type is refused
test_unknown_type() {
	bundle '.linux.namespaces += [{"type": "foo"}]'
	expect_refused /linux/namespaces/5/type
}

# [config-linux-ns-15] the same type twice is refused
test_duplicate() {
	bundle '.linux.namespaces += [{"type": "pid"}]'
	expect_refused /linux/namespaces/5/type
}

# a namespace path that is empty counts as absent
test_empty_path() {
	run_ok '(.linux.namespaces[] | select(.type == "ipc")).path = ""' 'true'
}

# two processes of ours make a container, and only the gate and the program are executed
test_processes() {
	bundle '.process.args = ["/bin/true"]'
	mydocker_only
	traced -e trace=process -- run --bundle "$BUNDLE" "$ID"
	expect_eq 2 "$(cut -d' ' -f1 "$HERE/trace" | sort -u | wc -l)" processes
	expect_eq 3 "$(grep -Ec 'execve(at)?\(' "$HERE/trace")" 'executed programs, with mydocker itself'
}

run_tests

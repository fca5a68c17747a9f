#!/bin/bash
# Namespaces in combination: each of the eight absent, new or by path, so that every two of them meet in every way that the kernel
# allows; and containers without a mount namespace.

. "${0%/*}/lib.sh"

chmod 755 "$WORK"

TYPES=(user mount pid network ipc uts cgroup time)
FILES=(user mnt pid net ipc uts cgroup time)
# Each row of numbers of base 3 is a column of an orthogonal array: coefficients of three digits that count up.
COLUMNS=('1 0 0' '0 1 0' '0 0 1' '1 1 0' '1 2 0' '1 0 1' '1 0 2' '0 1 1')

# A process in a namespace of each type, its pid in DONOR; with "user", they belong to a user namespace.
donor() {
	local child

	unshare ${1+--user} --mount --pid --net --ipc --uts --cgroup --time --fork --kill-child sleep 100 &
	wait_for pgrep -P $!
	if [ -n "${1-}" ]; then
		echo '0 100000 65536' >"/proc/$!/uid_map"
		echo '0 100000 65536' >"/proc/$!/gid_map"
	fi
	child=$(pgrep -P $!)
	wait_for eval '[ "$(readlink "/proc/'"$child"'/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]'
	DONOR=$child
}

# combine WAY...: makes a container in which each type is absent (0), new (1) or the donor's (2), and looks
combine() {
	local ways=("$@") list='' donor i filter own

	# A user namespace cannot mount in a mount namespace that is not its own.
	((ways[0] == 0)) || ((ways[1] == 1)) || ((ways[0] == 2 && ways[1] == 2)) || ways[1]=1
	# A fresh one for each: the root of a mount namespace that is joined becomes the container's.
	donor $( ((ways[0] != 2)) || echo user)
	donor=$DONOR
	for i in {0..7}; do
		case ${ways[i]} in
		1) list+="{\"type\": \"${TYPES[i]}\"}," ;;
		2) list+="{\"type\": \"${TYPES[i]}\", \"path\": \"/proc/$donor/ns/${FILES[i]}\"}," ;;
		esac
	done
	filter=".linux.namespaces = [${list%,}] | del(.hostname, .linux.maskedPaths, .linux.readonlyPaths)
		| .mounts |= map(select(.destination == \"/proc\" or .destination == \"/dev\"))"
	((ways[0] != 1)) || filter+=' | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
	((ways[1] != 0)) || filter+=' | .mounts = []'
	bundle "$filter" 'exec sleep 100'
	start
	for i in {0..7}; do
		own=$(readlink "/proc/$PID/ns/${FILES[i]}")
		case ${ways[i]} in
		0) expect_eq "$(readlink "/proc/self/ns/${FILES[i]}")" "$own" "inherited ${TYPES[i]} in ${ways[*]}" ;;
		1) [ "$own" != "$(readlink "/proc/self/ns/${FILES[i]}")" ] && [ "$own" != "$(readlink "/proc/$donor/ns/${FILES[i]}")" ] ||
			fail "${TYPES[i]} is not new in ${ways[*]}" ;;
		2) expect_eq "$(readlink "/proc/$donor/ns/${FILES[i]}")" "$own" "joined ${TYPES[i]} in ${ways[*]}" ;;
		esac
	done
	rt delete --force "$ID"
}

# [config-linux-ns-06] [config-linux-ns-11] [config-linux-ns-13] [config-linux-ns-14] all pairs of absent, new and by path
test_pairs() {
	local a b c column ways

	runtime_differs runc 'this version does not know time namespaces'
	for a in 0 1 2; do
		for b in 0 1 2; do
			for c in 0 1 2; do
				ways=()
				for column in "${COLUMNS[@]}"; do
					read -r x y z <<<"$column"
					ways+=($(((a * x + b * y + c * z) % 3)))
				done
				combine "${ways[@]}"
			done
		done
	done
}

# [config-linux-ns-12] a path to a namespace of another type is refused, for each type
test_wrong_types() {
	local i

	for i in {0..7}; do
		[ "$KIND" = runc ] && [ "${TYPES[i]}" = time ] && continue
		bundle ".linux.namespaces |= map(select(.type != \"${TYPES[i]}\"))
			| .linux.namespaces += [{\"type\": \"${TYPES[i]}\", \"path\": \"/proc/self/ns/${FILES[(i + 3) % 8]}\"}]
			| if \"${TYPES[i]}\" == \"mount\" then .linux.namespaces |= [.[-1]] + .[:-1] else . end"
		expect_refused -
	done
}

# [config-linux-ns-15] each type twice is refused, new and by path
test_twice() {
	local type

	for type in "${TYPES[@]}"; do
		[ "$KIND" = runc ] && [ "$type" = time ] && continue
		bundle ".linux.namespaces = [{\"type\": \"mount\"}, {\"type\": \"uts\"}] + [{\"type\": \"$type\"}, {\"type\": \"$type\", \"path\": \"/proc/self/ns/uts\"}]
			| if \"$type\" == \"user\" then .linux.uidMappings = [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]
				| .linux.gidMappings = .linux.uidMappings else . end"
		expect_refused -
	done
}

# [config-linux-ns-14] without a mount namespace the root is a chroot, and the host's mounts are as they were
test_no_mount() {
	local before

	runtime_differs runc 'it mounts on the host'
	before=$(</proc/self/mountinfo)
	bundle '.linux.namespaces |= map(select(.type != "mount")) | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)' \
		'pwd; ls -d /config.json /bin; echo x >/dev/null && echo end; exec sleep 100'
	start
	wait_for logged end
	expect_eq $'/\n/bin\nend' "$(grep -v -e warning -e config.json "$HERE/log")" output
	expect_eq "$(readlink /proc/self/ns/mnt)" "$(readlink "/proc/$PID/ns/mnt")" 'mount namespace'
	expect_eq "$BUNDLE/rootfs" "$(readlink "/proc/$PID/root")" root
	expect_eq "$before" "$(</proc/self/mountinfo)" mountinfo
	expect_eq "$(ls "$BUNDLE/rootfs")" "$(rt exec "$ID" ls / </dev/null)" 'what exec sees'
	rt delete --force "$ID"
	expect_eq "$before" "$(</proc/self/mountinfo)" mountinfo
}

# [config-linux-ns-14] what would change the host's mounts needs a mount namespace
test_no_mount_refusals() {
	local none='.linux.namespaces |= map(select(.type != "mount")) | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)'

	runtime_differs runc 'it mounts on the host'
	bundle "$none | .mounts = [{\"destination\": \"/tmp\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}]"
	expect_refused /mounts
	bundle "$none | .root.readonly = true"
	expect_refused /root/readonly
	bundle "$none | .linux.maskedPaths = [\"/x\"]"
	expect_refused /linux/maskedPaths
	bundle "$none | .linux.readonlyPaths = [\"/x\"]"
	expect_refused /linux/readonlyPaths
	bundle "$none | .linux.rootfsPropagation = \"shared\""
	expect_refused /linux/rootfsPropagation
	bundle "$none | .process.terminal = true"
	expect_refused /process/terminal
}

# [config-linux-ns-08] [config-linux-ns-19] the offsets of both clocks are seen, by the program and by exec, with a user namespace too
test_time_offsets() {
	local filter='.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 864000}, "monotonic": {"secs": 432000, "nanosecs": 7}}'
	local seconds

	runtime_differs runc 'this version does not know it'
	for user in '' '| .linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'; do
		bundle "$filter $user" 'tr -s " " </proc/self/timens_offsets; cut -d. -f1 /proc/uptime; sleep 100'
		start
		wait_for eval '[ "$(wc -l <"$HERE/log")" = 3 ]'
		expect_eq $'monotonic 432000 7\nboottime 864000 0' "$(head -n 2 "$HERE/log")" offsets
		seconds=$(tail -n 1 "$HERE/log")
		((seconds >= 864000)) || fail "uptime is $seconds"
		seconds=$(rt exec "$ID" cut -d. -f1 /proc/uptime </dev/null)
		((seconds >= 864000)) || fail "uptime of exec is $seconds"
		rt delete --force "$ID"
	done
}

# [config-linux-ns-19] [config-linux-ns-20] offsets of another clock, too many nanoseconds, and offsets without a new time namespace are refused
test_bad_offsets() {
	local time='.linux.namespaces += [{"type": "time"}]'

	runtime_differs runc 'this version does not know it'
	bundle "$time | .linux.timeOffsets = {\"realtime\": {\"secs\": 1}}"
	expect_refused /linux/timeOffsets/realtime
	bundle "$time | .linux.timeOffsets = {\"boottime\": {\"secs\": 1, \"nanosecs\": 1000000000}}"
	expect_refused /linux/timeOffsets/boottime/nanosecs
	bundle '.linux.timeOffsets = {"boottime": {"secs": 1}}'
	expect_refused /linux/timeOffsets
	bundle '.linux.namespaces += [{"type": "time", "path": "/proc/self/ns/time"}] | .linux.timeOffsets = {"boottime": {"secs": 1}}'
	expect_refused /linux/timeOffsets
}

run_tests
